import { expect, it } from "vitest";
import { useAnalyses } from "../../stores/analyses";
import { PREDICTION } from "../../test/answers";
import { csvOf } from "./table";

function done(name: string, changes: Partial<typeof PREDICTION> = {}) {
  const [made] = useAnalyses.getState().add("tumor", [new File([], name)]);
  if (!made) throw new Error("nothing was added");
  return { ...made, state: "done" as const, prediction: { ...PREDICTION, ...changes } };
}

it("has a line for each result, and says that it is UTF-8", () => {
  const lines = csvOf([done("a.jpg"), done("b.jpg", { decision: "abstained", result: null, abstain_reason: "image_quality" })]).split("\r\n");
  expect(lines).toHaveLength(4);
  expect(lines[0]).toBe(
    '\ufeff"file","model","version","decision","result","confidence","abstain_reason","prediction_set","request_id","timestamp"',
  );
  expect(lines[1]).toBe('"a.jpg","tumor","1.0.0","predicted","glioma","0.9000","","glioma","r","2026-01-01T00:00:00Z"');
  expect(lines[2]).toContain('"abstained","","0.9000","image_quality"');
});

it("lets no file's name be a formula or end its cell", () => {
  expect(csvOf([done('=cmd|"x".jpg')])).toContain(`"'=cmd|""x"".jpg"`);
});

it("leaves out what has no result", () => {
  expect(csvOf([{ ...done("a.jpg"), prediction: null }]).split("\r\n")).toHaveLength(2);
});
