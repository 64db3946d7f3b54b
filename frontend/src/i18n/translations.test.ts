import { expect, it } from "vitest";
import ar from "./ar.json";
import en from "./en.json";

function keys(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === "string" ? [`${path}${key} ${inner.match(/{{\w+}}/g)?.sort().join() ?? ""}`] : keys(inner as object, `${path}${key}.`),
  );
}

it("says everything in both languages, with the same gaps to fill", () => {
  expect(keys(ar).sort()).toEqual(keys(en).sort());
});
