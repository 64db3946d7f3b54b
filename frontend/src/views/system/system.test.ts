import { expect, it } from "vitest";
import type { Health } from "../../api/client";
import { type Point, busyness, pointsOf, timeline } from "./activity";
import { type Alert, severityOf, sorted } from "./alerts";
import { changes, down, ordered } from "./outlook";
import { reasonOf } from "./reasons";
import { linePath } from "./sparkline";

function point(requests: number, p50_ms: number | null, errors = 0): Point {
  return { at: "2026-01-01T00:00:00Z", requests, errors, p50_ms, p95_ms: p50_ms && p50_ms * 2 };
}

function services(ready: Record<string, boolean>): Health["services"] {
  return Object.fromEntries(
    Object.entries(ready).map(([name, is]) => [name, { model: name, ready: is, reason: is ? null : "?", instances: [] }]),
  );
}

const health = (ready: Record<string, boolean>) => ({ services: services(ready) }) as Health;

it("draws a line, higher values higher up", () => {
  expect(linePath([0, 50, 100], 100, 10)).toBe("M0 10L50 5L100 0");
});

it("bridges a short silence, breaks at a long one, and makes a dot of a lonely point", () => {
  expect(linePath([1, null, null, 1, null, null, null, 1], 70, 10)).toBe("M0 0L30 0M70 0h0");
});

it("draws nothing where nothing was measured", () => {
  expect(linePath([null, null], 100, 10)).toBe("");
  expect(linePath([], 100, 10)).toBe("");
  expect(linePath([0], 100, 10)).toBe("M0 10h0");
});

it("weighs a minute's time by its requests", () => {
  expect(busyness([point(1, 1000), point(9, 10), point(1, 900)]).typicalMs).toBe(10);
});

it("counts the rate over whole minutes alone", () => {
  const minutes = [point(90, 5), ...[1, 2, 3, 4, 5].map((requests) => point(requests, 10)), point(100, 20)];
  expect(busyness(minutes)).toMatchObject({ perMinute: 3, requests: 205, nowMs: 20, now95Ms: 40 });
});

it("knows no time of now when nobody has asked lately, but that of the hour", () => {
  const silent = Array.from({ length: 6 }, () => point(0, null));
  expect(busyness([point(4, 80, 1), ...silent])).toMatchObject({ nowMs: null, typicalMs: 80, perMinute: 0, errors: 1 });
});

it("knows nothing of a model that was never asked", () => {
  expect(busyness(pointsOf({ step_s: 60, models: {} }, "tumor"))).toMatchObject({ requests: 0, typicalMs: null, perMinute: 0 });
  expect(pointsOf(undefined, "tumor")).toEqual([]);
});

it("puts each minute where it belongs in the hour, however few there are", () => {
  const at = (time: string, p50_ms: number | null) => ({ ...point(1, p50_ms), at: `2026-01-01T${time}Z` });
  const hour = timeline([at("10:00:37", 5), at("10:01:00", null), at("10:02:00", 7), at("10:05:00", 9)]);
  expect(hour).toHaveLength(60);
  expect(hour.slice(-6)).toEqual([5, null, 7, null, null, 9]);
  expect(hour.slice(0, 54).every((value) => value === null)).toBe(true);
  expect(timeline([]).every((value) => value === null)).toBe(true);
});

it("keeps every service in its place when one goes down", () => {
  const names = (ready: Record<string, boolean>) => ordered(services(ready)).map(([name]) => name);
  expect(names({ xray: true, tumor: false, palm: true })).toEqual(["palm", "tumor", "xray"]);
  expect(names({ xray: true, tumor: true, palm: true })).toEqual(["palm", "tumor", "xray"]);
  expect(down(health({ xray: false, tumor: true, palm: false }))).toEqual(["palm", "xray"]);
});

it("tells what went and what came back, once", () => {
  const before = health({ tumor: true, xray: false, palm: true });
  const after = health({ tumor: false, xray: true, palm: true, fresh: true });
  expect(changes(before, after)).toEqual([
    { model: "tumor", isBack: false },
    { model: "xray", isBack: true },
  ]);
  expect(changes(after, after)).toEqual([]);
  expect(changes(undefined, after)).toEqual([]);
});

it.each([
  ["no instance has announced itself", "none"],
  ["the instance is stopping", "stopping"],
  ["the model is loading", "loading"],
  ["does not answer (ConnectError)", "silent"],
  ["answers, but not as an instance should", "odd"],
  ["another instance has taken its address", "moved"],
  ["no bundle tumor/2.0.0 under the model path", "noBundle"],
  ["model.tflite does not match its checksum: the file was changed or cut short", "changed"],
  ["the warm-up inference of 'image' is off by 0.300, more than 0.02", "warmUp"],
  ["the tensorflow runtime is not installed in this image (No module named 'tensorflow')", "runtime"],
  ["LiteRT cannot load the weights: bad", "unreadable"],
  ["the bundle is of tumor, this service is xray", null],
])("has words for '%s'", (text, reason) => {
  expect(reasonOf(text)).toBe(reason);
});

it("puts the worst alert first, the newer of two alike before, and what is silenced last", () => {
  const alert = (name: string, severity: string, since: string, silenced = false) => ({ name, severity, since, silenced }) as Alert;
  const found = sorted([
    alert("muted", "critical", "2026-01-01T00:00:00Z", true),
    alert("odd", "page", "2026-01-01T00:00:00Z"),
    alert("note", "info", "2026-01-01T00:00:00Z"),
    alert("old", "critical", "2026-01-01T00:00:00Z"),
    alert("warned", "warning", "2026-01-01T00:00:00Z"),
    alert("new", "critical", "2026-01-02T00:00:00Z"),
  ]);
  expect(found.map((one) => one.name)).toEqual(["new", "old", "warned", "note", "odd", "muted"]);
  expect(severityOf(alert("odd", "page", ""))).toBe("other");
});
