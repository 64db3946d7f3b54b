import { Suspense } from "react";
import { Redirect, Route, Switch } from "wouter";
import { useMe } from "../api/queries";
import { Loading } from "../ui/Loading";
import { Trouble } from "../ui/Trouble";
import { Broken } from "./Broken";
import { Forbidden } from "./Forbidden";
import { VIEWS, type View } from "./viewList";

/** The view that the address names. */
export function Views() {
  return (
    <Switch>
      {VIEWS.map((view) => (
        <Route key={view.name} path={`/${view.name}/*?`}>
          <Shown view={view} />
        </Route>
      ))}
      <Route>
        <Redirect to="/analyse" replace />
      </Route>
    </Switch>
  );
}

function Shown({ view }: { view: View }) {
  const me = useMe();
  if (view.isForAdmins && !me.data) return me.error ? <Trouble error={me.error} /> : <Loading />;
  if (view.isForAdmins && me.data?.role !== "admin") return <Forbidden />;
  return (
    <Broken key={view.name}>
      <Suspense fallback={<Loading />}>
        <view.Content />
      </Suspense>
    </Broken>
  );
}
