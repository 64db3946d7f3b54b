import english from "../../i18n/en/texts.json";
import type { Prediction } from "../../api/client";
import type { Suggestions } from "../../stores/analyses";

/** From this score on a model refuses a picture as strange. */
export const STRANGE = 0.5;
const UNUSUAL = 0.3;

export type Likelihood = "veryLikely" | "likely" | "ratherLikely" | "unsure";
export type Strangeness = "familiar" | "unusual" | "strange";

/** The word for a calibrated probability; `unsure`: below a half, so that another answer may well be the truth. */
export function likelihood(probability: number): Likelihood {
  if (probability >= 0.9) return "veryLikely";
  if (probability >= 0.66) return "likely";
  return probability >= 0.5 ? "ratherLikely" : "unsure";
}

export function strangeness(score: number): Strangeness {
  if (score >= STRANGE) return "strange";
  return score >= UNUSUAL ? "unusual" : "familiar";
}

/** The prediction as it is told, on the screen and on paper: a picture that another model knows is of another kind, not
 * a poor one of this model's. Then what the gateway said of its quality gives way to what it says of another kind. */
export function asShown(prediction: Prediction, suggestions: Suggestions | null): Prediction {
  const isKnown = suggestions?.suggestions.some(({ model, plausible }) => plausible && model !== prediction.model);
  if (!isKnown || prediction.abstain_reason !== "image_quality") return prediction;
  return { ...prediction, abstain_reason: "out_of_distribution", ...strangeTexts(prediction.model) };
}

/** In the gateway's own words, which `Told` translates; what a model of one's own takes is not known here. */
function strangeTexts(model: string): Pick<Prediction, "description" | "recommendation"> {
  const { modality, unanswered, ask } = english.common;
  const own = Object.entries(english).find(([name]) => name === model)?.[1];
  const takes = own && "accepts" in own ? [own.accepts] : [];
  return { description: `${modality} ${unanswered}`, recommendation: [...takes, ask].join(" ") };
}

/** Whether the palm model that ships answered: it says of itself that its answers mean nothing; a model of one's own does not. */
export function isDemonstration({ disclaimer }: Prediction): boolean {
  return disclaimer.includes(english.palm_disease.notice);
}

/** Which heading the gateway's recommendation stands under: an answer's speaks to the patient, a refusal of a picture
 * of another kind names what the model takes, where that is known. */
export function adviceKind({ result, abstain_reason, recommendation }: Prediction): "tell" | "next" | "takes" {
  if (result !== null) return "tell";
  return abstain_reason === "out_of_distribution" && recommendation !== english.common.ask ? "takes" : "next";
}

/** Labels with their probability, the most probable first. */
export function sorted(probabilities: Record<string, number>): [label: string, probability: number][] {
  return Object.entries(probabilities).sort(([, one], [, other]) => other - one);
}

/** The most probable label, whether or not the model stands by it. */
export function best(prediction: Prediction): string {
  return sorted(prediction.probabilities)[0]?.[0] ?? "";
}

/** The model could not read the picture: then nothing that it computed of it may be believed. */
export function isUnread({ abstain_reason }: Pick<Prediction, "abstain_reason">): boolean {
  return abstain_reason === "out_of_distribution" || abstain_reason === "image_quality";
}

/** The heat map, PNG in base64; null where there is none, or none that may be believed. */
export function heatOf(prediction: Prediction): string | null {
  return isUnread(prediction) ? null : (prediction.explanation?.image_png_base64 ?? null);
}

/** Which sentence explains the prediction set; null where there is none, or none that may be believed. */
export function setKind(prediction: Prediction): "one" | "several" | "all" | null {
  const { prediction_set, coverage, probabilities } = prediction;
  if (!prediction_set?.length || coverage === null || isUnread(prediction)) return null;
  if (prediction_set.length === Object.keys(probabilities).length) return "all";
  return prediction_set.length === 1 ? "one" : "several";
}

/** What each number added, the weightiest first. */
export function weighty(contributions: Record<string, number>): [name: string, added: number][] {
  return Object.entries(contributions).sort(([, one], [, other]) => Math.abs(other) - Math.abs(one));
}
