import type { Prediction } from "../api/client";
import english from "../i18n/en/texts.json";
import { type Analysis, type Suggestions, useAnalyses } from "../stores/analyses";
import { PREDICTION } from "./answers";

/** An analysis in the store that is done, with this answer. */
export function answered(changes: Partial<Prediction> = {}): Analysis {
  const prediction = { ...PREDICTION, ...changes };
  const [added] = useAnalyses.getState().add(prediction.model, [new File(["x"], "scan.png", { type: "image/png" })]);
  if (!added) throw new Error("nothing was added");
  useAnalyses.getState().change(added.id, { state: "done", prediction });
  return stored(added.id);
}

/** `model` knows the picture, as its gate says. */
export function knownTo(model: string, plausible = true): Suggestions {
  return { request_id: "r", timestamp: "", unavailable: [], suggestions: [{ model, ood_score: 0.1, plausible }] };
}

/** A brain slice given to the chest model: refused as too dark, and known to another model. */
export function mistaken(): Analysis {
  const abstained = { result: null, decision: "abstained", abstain_reason: "image_quality", ood_score: 1 } as const;
  const texts = { description: `${english.common.dark} ${english.common.unanswered}`, recommendation: english.common.better };
  return { ...answered({ model: "xray", ...abstained, ...texts }), suggestions: knownTo("tumor") };
}

export function stored(id: string): Analysis {
  const found = useAnalyses.getState().items.find((item) => item.id === id);
  if (!found) throw new Error(`no analysis ${id}`);
  return found;
}
