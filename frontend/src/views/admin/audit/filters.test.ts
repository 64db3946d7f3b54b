import { expect, it } from "vitest";
import { csvOf } from "../../../downloads";
import { tableOf } from "./csv";
import { DEFAULT, type Filters, isInOrder, queryOf } from "./filters";
import { ENTRY } from "./testEntry";

const NOW = new Date(2026, 2, 15, 13, 30);
const idOf = (name: string) => (name === "ada" ? "0".repeat(32) : null);
const query = (changes: Partial<Filters>) => queryOf({ ...DEFAULT, range: "all", ...changes }, NOW, idOf);

it("asks for whole days of this device", () => {
  expect(query({ range: "today" })).toEqual({ since: new Date(2026, 2, 15).toISOString() });
  expect(query({ range: "week" })).toEqual({ since: new Date(2026, 2, 9).toISOString() });
  expect(query({ range: "month" })).toEqual({ since: new Date(2026, 1, 14).toISOString() });
  expect(query({ range: "custom", from: "2026-02-27", to: "2026-02-28" })).toEqual({
    since: new Date(2026, 1, 27).toISOString(),
    until: new Date(2026, 2, 1).toISOString(),
  });
  expect(query({ range: "custom", to: "2026-02-28" })).toEqual({ until: new Date(2026, 2, 1).toISOString() });
});

it("leaves out what was not asked", () => {
  expect(query({ from: "2026-01-01" })).toEqual({});
  expect(query({ subject: " ada ", outcome: "ok", model: "tumor" })).toEqual({
    subject: "0".repeat(32),
    outcome: "ok",
    model: "tumor",
  });
  expect(query({ subject: "an-id-from-elsewhere" })).toEqual({ subject: "an-id-from-elsewhere" });
});

it("knows days that are the wrong way round", () => {
  expect(isInOrder({ ...DEFAULT, range: "custom", from: "2026-02-02", to: "2026-02-01" })).toBe(false);
  expect(isInOrder({ ...DEFAULT, range: "custom", from: "2026-02-01", to: "2026-02-01" })).toBe(true);
  expect(isInOrder({ ...DEFAULT, range: "week", from: "2026-02-02", to: "2026-02-01" })).toBe(true);
});

it("writes a table that a spreadsheet does not take for formulas", () => {
  const [head = "", line = "", ...rest] = csvOf(
    tableOf([{ ...ENTRY, client: "=cmd()", request_id: 'a,"b"', detail: { a: "1" }, confidence: -0.5 }]),
  ).split("\r\n");
  const names = head.split(",");
  expect(rest).toEqual([""]);
  expect(names.slice(0, 3)).toEqual(["time", "action", "outcome"]);
  expect(line).toContain(",'=cmd(),");
  expect(line).toContain(',"a,""b""",');
  expect(line).toContain(',"{""a"":""1""}",');
  expect(line).toContain(",-0.5,");
});
