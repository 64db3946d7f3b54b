import { queries } from "../../app/queries";
import { useAnalyses } from "../../stores/analyses";
import { useIntake } from "../../stores/intake";
import { useObjections } from "../../stores/objections";
import { giveUp } from "./intake";
import { queue } from "./running";

/** Every picture, and all that was found, noted or asked about one; the chosen model stays. */
export function forgetPictures(): void {
  giveUp();
  queue.clear();
  useAnalyses.getState().clear();
  useIntake.setState(({ model }) => ({ ...useIntake.getInitialState(), model }));
  useObjections.setState({ of: {} });
  queries.removeQueries({ queryKey: ["suggest"] });
}

/** The same for one analysis. */
export function forgetPicture(id: string): void {
  queue.remove(id);
  useIntake.setState(({ selected, repeats }) => ({
    selected: selected === id ? null : selected,
    repeats: repeats.filter(({ earlier }) => earlier !== id),
  }));
  useObjections.getState().drop(id);
  queries.removeQueries({ queryKey: ["suggest", id] });
}
