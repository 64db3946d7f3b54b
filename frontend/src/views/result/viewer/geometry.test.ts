import { expect, it } from "vitest";
import { type Box, FITTED, MOST_ZOOM, bounded, panned, pinch, pointAt, shifted, transformOf, wheelFactor, zoomed } from "./geometry";

const FRAME = { width: 400, height: 300 };

/** Where CSS draws a picture that is `width` × `height` when it fits, by `transformOf`'s rules. */
function drawn(seen: typeof FITTED, width: number, height: number): Box {
  return {
    left: FRAME.width / 2 - seen.x * width * seen.zoom,
    top: FRAME.height / 2 - seen.y * height * seen.zoom,
    width: width * seen.zoom,
    height: height * seen.zoom,
  };
}

it.each([
  [400, 300],
  [400, 100],
  [60, 300],
])("keeps the point under the pointer where it is, for a picture of %d × %d", (width, height) => {
  const near = zoomed(FITTED, 4);
  const box = drawn(near, width, height);
  const pointer = { x: FRAME.width / 2 + 5, y: FRAME.height / 2 - 7 };
  const at = pointAt(pointer, box);
  const after = zoomed(near, 1.5, at);
  const same = pointAt(pointer, drawn(after, width, height));
  expect(same.x).toBeCloseTo(at.x);
  expect(same.y).toBeCloseTo(at.y);
  expect(after.zoom).toBeCloseTo(6);
});

it("drags the picture with the pointer, pixel by pixel", () => {
  const near = zoomed(FITTED, 4);
  const before = drawn(near, 400, 300);
  const after = drawn(panned(near, 30, -20, before), 400, 300);
  expect(after.left - before.left).toBeCloseTo(30);
  expect(after.top - before.top).toBeCloseTo(-20);
});

it("goes neither further out than all of it nor nearer than it makes sense", () => {
  expect(zoomed(FITTED, 0.1)).toEqual(FITTED);
  expect(zoomed(FITTED, 1000).zoom).toBe(MOST_ZOOM);
});

it("does not lose the picture out of the frame", () => {
  expect(bounded({ zoom: 2, x: -3, y: 9 })).toEqual({ zoom: 2, x: 0.25, y: 0.75 });
  expect(panned(FITTED, 500, 500, drawn(FITTED, 400, 300))).toEqual(FITTED);
});

it("is fitted again after zooming out at an edge", () => {
  const corner = shifted(zoomed(FITTED, 8), -1, -1);
  expect(zoomed(corner, 1 / 8, { x: 0, y: 0 })).toEqual(FITTED);
});

it("moves by shares of the frame", () => {
  expect(shifted({ zoom: 4, x: 0.5, y: 0.5 }, 0.2, 0)).toEqual({ zoom: 4, x: 0.55, y: 0.5 });
});

it("stays where it is before the picture has a size", () => {
  const none = { left: 0, top: 0, width: 0, height: 0 };
  expect(panned(FITTED, 5, 5, none)).toBe(FITTED);
  expect(pointAt({ x: 5, y: 5 }, none)).toEqual({ x: 0.5, y: 0.5 });
});

it("undoes a turn of the wheel by a turn back", () => {
  expect(wheelFactor(-100, 0)).toBeGreaterThan(1);
  expect(wheelFactor(-100, 0) * wheelFactor(100, 0)).toBeCloseTo(1);
  expect(wheelFactor(-3, 1)).toBeCloseTo(wheelFactor(-99, 0));
  expect(wheelFactor(-1e9, 2)).toBeLessThan(2);
});

it("knows two fingers", () => {
  expect(pinch({ x: 0, y: 0 }, { x: 30, y: 40 })).toEqual({ distance: 50, middle: { x: 15, y: 20 } });
});

it("says it in shares, whatever the frame's size", () => {
  expect(transformOf({ zoom: 2, x: 0.25, y: 0.75 })).toBe("scale(2) translate(25%, -25%)");
});
