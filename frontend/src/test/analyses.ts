import type { Prediction } from "../api/client";
import { type Analysis, useAnalyses } from "../stores/analyses";
import { PREDICTION } from "./answers";

/** An analysis in the store that is done, with this answer. */
export function answered(changes: Partial<Prediction> = {}): Analysis {
  const prediction = { ...PREDICTION, ...changes };
  const [added] = useAnalyses.getState().add(prediction.model, [new File(["x"], "scan.png", { type: "image/png" })]);
  if (!added) throw new Error("nothing was added");
  useAnalyses.getState().change(added.id, { state: "done", prediction });
  return stored(added.id);
}

export function stored(id: string): Analysis {
  const found = useAnalyses.getState().items.find((item) => item.id === id);
  if (!found) throw new Error(`no analysis ${id}`);
  return found;
}
