import { Route, Switch } from "wouter";
import { CardPage } from "./CardPage";
import { List } from "./List";
import "./models.css";

/** The models' cards: all in short, or the one that the address names. */
export default function View() {
  return (
    <Switch>
      <Route path="/models/:model">{({ model }) => <CardPage key={model} model={model} />}</Route>
      <Route>
        <List />
      </Route>
    </Switch>
  );
}
