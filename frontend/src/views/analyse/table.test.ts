import { expect, it } from "vitest";
import { useAnalyses } from "../../stores/analyses";
import { PREDICTION } from "../../test/answers";
import { tableOf } from "./table";

function done(name: string, changes: Partial<typeof PREDICTION> = {}) {
  const [made] = useAnalyses.getState().add("tumor", [new File([], name)]);
  if (!made) throw new Error("nothing was added");
  return { ...made, state: "done" as const, prediction: { ...PREDICTION, ...changes } };
}

it("has a line for each result", () => {
  const [head, first, second, ...rest] = tableOf([done("a.jpg"), done("b.jpg", { decision: "abstained", result: null, abstain_reason: "image_quality" })]);
  expect(rest).toEqual([]);
  expect(head?.slice(0, 3)).toEqual(["file", "model", "version"]);
  expect(first).toEqual(["a.jpg", "tumor", "1.0.0", "predicted", "glioma", "0.9000", null, "glioma", "r", "2026-01-01T00:00:00Z"]);
  expect(second?.slice(3, 7)).toEqual(["abstained", null, "0.9000", "image_quality"]);
});

it("leaves out what has no result", () => {
  expect(tableOf([{ ...done("a.jpg"), prediction: null }])).toHaveLength(1);
});
