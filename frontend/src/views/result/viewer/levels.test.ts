import { expect, it } from "vitest";
import { AS_IS, type Levels, dragged, isAsIs, linear, windowOf } from "./levels";

function shown(grey: number, levels: Levels): number {
  const { slope, intercept } = linear(levels);
  return Math.min(Math.max((grey / 255) * slope + intercept, 0), 1) * 255;
}

it("changes nothing at first", () => {
  expect(windowOf(AS_IS)).toEqual({ center: 127.5, width: 255 });
  for (const grey of [0, 100, 255]) expect(shown(grey, AS_IS)).toBeCloseTo(grey);
});

it("spreads the window over black to white", () => {
  const levels = { brightness: 40, contrast: 50, isInverted: false };
  const { center, width } = windowOf(levels);
  expect(shown(center - width / 2, levels)).toBeCloseTo(0);
  expect(shown(center, levels)).toBeCloseTo(127.5);
  expect(shown(center + width / 2, levels)).toBeCloseTo(255);
});

it("is brighter and richer in contrast where it says so", () => {
  expect(shown(100, { ...AS_IS, brightness: 30 })).toBeGreaterThan(100);
  expect(windowOf({ ...AS_IS, contrast: 100 }).width).toBeCloseTo(255 / 8);
  expect(windowOf({ ...AS_IS, contrast: -100 }).width).toBeCloseTo(255 * 8);
});

it("turns black to white", () => {
  const levels = { brightness: 20, contrast: 30, isInverted: true };
  expect(shown(90, levels)).toBeCloseTo(255 - shown(90, { ...levels, isInverted: false }));
});

it("is dragged as a radiologist expects, and not beyond its ends", () => {
  expect(windowOf(dragged(AS_IS, 30, 0)).width).toBeGreaterThan(255);
  expect(dragged(AS_IS, 0, -30).brightness).toBe(10);
  expect(dragged(AS_IS, 1e6, 1e6)).toEqual({ brightness: -100, contrast: -100, isInverted: false });
});

it("knows when nothing is changed", () => {
  expect(isAsIs(AS_IS)).toBe(true);
  expect(isAsIs({ ...AS_IS, isInverted: true })).toBe(false);
});
