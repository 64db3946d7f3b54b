import { expect, it } from "vitest";
import { readCard } from "./card";
import { chatScores } from "./chatScores";
import { evaluations } from "./evaluations";
import { type Raw, at, interval, record, table } from "./read";
import { groups, scores, strangers } from "./scores";
import { wilson } from "./wilson";

/** The bundles that ship, as their cards pass them on. */
const BUNDLES = import.meta.glob<{ default: Raw }>("../../../../models/*/1.0.0/manifest.json", { eager: true });

function shipped(service: string) {
  const { metrics, provenance, signatures, model } = BUNDLES[`../../../../models/${service}/1.0.0/manifest.json`]?.default as Raw;
  const kinds = Object.entries(record(signatures));
  const inputs = Object.fromEntries(kinds.map(([name, one]) => [name, at(one, "input")]));
  return readCard({ model, ready: true, metrics, provenance, inputs, trust: signatures });
}

it("reads numbers with and without an interval, and nothing from anything else", () => {
  expect(interval(0.5)).toEqual({ value: 0.5, low: null, high: null });
  expect(interval({ value: 0.5, low: 0.4, high: 0.6 })).toEqual({ value: 0.5, low: 0.4, high: 0.6 });
  for (const odd of [null, "0.5", Number.NaN, {}, []]) expect(interval(odd)).toBeNull();
});

it("takes only a whole table of counts", () => {
  expect(table([[1, 2], [3, 4]])).toEqual([[1, 2], [3, 4]]);
  for (const odd of [[[1, 2]], [[1, "2"], [3, 4]], "no", [1, 2]]) expect(table(odd)).toEqual([]);
});

it("computes the interval of a share as Wilson did", () => {
  const found = wilson(81, 263); // Newcombe 1998, table I: 0.2553 to 0.3662
  expect(found?.low).toBeCloseTo(0.2553, 4);
  expect(found?.high).toBeCloseTo(0.3662, 4);
  expect(wilson(10, 10)?.high).toBe(1);
  expect(wilson(0, 0)).toBeNull();
});

it("finds the held-out test first, then what was used to choose", () => {
  const found = evaluations(shipped("tumor"));
  expect(found.map(({ split, input, samples }) => [split, input, samples])).toEqual([["test", null, 398], ["val", null, 319]]);
  expect(found[0]?.accuracy).toEqual({ value: 0.9523, low: 0.9321, high: 0.9724 });
});

it("finds each kind of input of a model that takes two, and none that is not served", () => {
  const found = evaluations(shipped("palm")).map(({ split, input }) => `${split} ${input}`);
  expect(found).toEqual(["test image", "test means", "cross_validation image", "cross_validation means"]);
});

it("takes the specificity of two classes from the card, that of more from the counts", () => {
  const pneumonia = evaluations(shipped("xray"))[0]?.classes[1];
  expect(pneumonia).toMatchObject({ label: "pneumonia", samples: 125, others: 125 });
  expect(pneumonia?.specificity).toEqual({ value: 0.768, low: 0.6903, high: 0.8435 });
  const glioma = evaluations(shipped("tumor"))[0]?.classes[0];
  expect(glioma?.specificity?.value).toBeCloseTo(292 / 298, 9);
  expect(glioma?.specificity?.low).toBeLessThan(292 / 298);
});

it.each(["tumor", "xray", "monkeypox", "lung_colon", "palm"])("tells every score of %s with what it was measured on", (service) => {
  const card = shipped(service);
  const [main] = evaluations(card);
  if (!main) throw new Error("it was measured");
  const found = scores(card, main);
  const names = found.map(({ name }) => name);
  for (const wanted of ["accuracy", "auroc", "ece", "coverage", "gate", "accuracyOfAnswers"]) expect(names).toContain(wanted);
  expect(found.every(({ samples }) => samples !== null && samples > 0)).toBe(true);
  expect(found.filter(({ name, at: score }) => name !== "setSize" && score.low === null)).toEqual([]);
  expect(strangers(card).length).toBeGreaterThan(5);
  expect(groups(card).length).toBeGreaterThan(3);
});

it("says how many wrong pictures were refused, not how many passed", () => {
  const everyday = strangers(shipped("monkeypox")).find(({ kind }) => kind === "everyday");
  expect(everyday?.refused?.value).toBeCloseTo(1 - 0.0378, 3);
  expect(everyday?.samples).toBe(423);
});

it("tells the chatbot's scores in both languages", () => {
  const card = shipped("chatbot");
  expect(evaluations(card)).toEqual([]);
  const found = chatScores(card);
  expect(found.map(({ name, language }) => `${name} ${language}`)).toEqual([
    "hit1 en", "hit3 en", "hit1 ar", "hit3 ar",
    "emergencies en", "rulesAlone en", "falseAlarms en", "emergencies ar", "rulesAlone ar", "falseAlarms ar",
    "declined null", "declinedWrongly null",
  ]);
  expect(found[0]).toMatchObject({ at: { value: 0.9425 }, samples: 226 });
  expect(found.find(({ name }) => name === "falseAlarms")?.samples).toBe(5796 - 1320);
  expect(found.at(-1)?.at.low).toBeNull();
});

it("reads what a user's own model was measured at", () => {
  const test = { labels: ["normal", "pneumonia"], samples: 40, accuracy: { value: 0.9, low: 0.8, high: 1 } };
  const metrics = { test, test_calibration: { ece: { value: 0.1, low: 0, high: 0.2 } }, test_refused_by_the_gate: 0.05 };
  const card = readCard({ model: "xray", ready: true, metrics, provenance: { imported: {}, data: { source: "not known" } } });
  const [main] = evaluations(card);
  expect(card.isImported).toBe(true);
  expect(main && scores(card, main).map(({ name }) => name)).toEqual(["accuracy", "ece", "gate"]);
});

it("reads a card that says next to nothing, or nonsense", () => {
  expect(readCard({})).toMatchObject({ model: "", isReady: false, classes: [], notFor: [], plots: [], version: null });
  const odd = { model: 7, labels: "a", not_for: [1, "no"], plots: [{ title: "?" }, { name: "x" }, 3], metrics: [1], trust: null, provenance: { data: "none: a toy" } };
  const card = readCard(odd);
  expect(card).toMatchObject({ model: "", notFor: ["no"], plots: [{ name: "x", title: "x" }], data: { source: "none: a toy", licence: null } });
  expect([evaluations(card), chatScores(card), strangers(card), groups(card)]).toEqual([[], [], [], []]);
});
