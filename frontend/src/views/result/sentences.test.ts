import { expect, it } from "vitest";
import { PREDICTION } from "../../test/answers";
import english from "../../i18n/en/texts.json";
import { knownTo } from "../../test/analyses";
import { adviceKind, asShown, best, likelihood, setKind, sorted, strangeness, weighty } from "./sentences";

it.each([
  [0.97, "veryLikely"],
  [0.9, "veryLikely"],
  [0.7, "likely"],
  [0.5, "ratherLikely"],
  [0.49, "unsure"],
])("calls a probability of %d %s", (probability, word) => {
  expect(likelihood(probability)).toBe(word);
});

it.each([
  [0, "familiar"],
  [0.3, "unusual"],
  [0.499, "unusual"],
  [0.5, "strange"],
])("calls a score of %d %s", (score, word) => {
  expect(strangeness(score)).toBe(word);
});

it("puts the most probable first", () => {
  expect(sorted(PREDICTION.probabilities).map(([label]) => label)).toEqual(["glioma", "meningioma", "no_tumor", "pituitary"]);
  expect(best({ ...PREDICTION, result: null })).toBe("glioma");
});

it("explains a set only where it may be believed", () => {
  const undecided = { ...PREDICTION, result: null, prediction_set: ["glioma", "no_tumor"] };
  expect(setKind(PREDICTION)).toBe("one");
  expect(setKind({ ...undecided, abstain_reason: "low_confidence" })).toBe("several");
  expect(setKind({ ...PREDICTION, prediction_set: Object.keys(PREDICTION.probabilities) })).toBe("all");
  expect(setKind({ ...undecided, abstain_reason: "out_of_distribution" })).toBeNull();
  expect(setKind({ ...undecided, abstain_reason: "image_quality" })).toBeNull();
  expect(setKind({ ...PREDICTION, coverage: null })).toBeNull();
  expect(setKind({ ...PREDICTION, prediction_set: null })).toBeNull();
  expect(setKind({ ...PREDICTION, prediction_set: [] })).toBeNull();
});

it("puts the weightiest number first, whatever its sign", () => {
  expect(weighty({ red: 0.1, green: -0.9, blue: 0.3 }).map(([name]) => name)).toEqual(["green", "blue", "red"]);
});

it.each([
  ["tumor", true, "out_of_distribution"],
  ["tumor", false, "image_quality"],
  ["xray", true, "image_quality"],
] as const)("calls a picture that %s knows (%s) %s, not a poor one", (model, plausible, reason) => {
  const abstained = { ...PREDICTION, model: "xray", result: null, decision: "abstained", abstain_reason: "image_quality" } as const;
  expect(asShown(abstained, knownTo(model, plausible)).abstain_reason).toBe(reason);
  expect(asShown(abstained, null)).toBe(abstained);
});

it.each([
  ["xray", `${english.xray.accepts} ${english.common.ask}`, "takes"],
  ["fundus", english.common.ask, "next"],
])("says of a picture of another kind what %s takes, where that is known", (model, recommendation, kind) => {
  const abstained = { ...PREDICTION, model, result: null, decision: "abstained", abstain_reason: "image_quality" } as const;
  const told = asShown(abstained, knownTo("tumor"));
  expect(told.description).toBe(`${english.common.modality} ${english.common.unanswered}`);
  expect([told.recommendation, adviceKind(told)]).toEqual([recommendation, kind]);
});
