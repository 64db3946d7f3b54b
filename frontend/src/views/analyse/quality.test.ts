import { expect, it } from "vitest";
import { measure, warningsOf } from "./quality";

const SIDE = 64;

/** A square grey picture, its lightness by place. */
function picture(light: (x: number, y: number) => number): ImageData {
  const data = new Uint8ClampedArray(SIDE * SIDE * 4);
  for (let at = 0; at < SIDE * SIDE; at += 1) {
    const value = light(at % SIDE, Math.floor(at / SIDE));
    data.set([value, value, value, 255], at * 4);
  }
  return { data, width: SIDE, height: SIDE, colorSpace: "srgb" } as ImageData;
}

const warned = (light: (x: number, y: number) => number, model = "tumor", side = 224) => warningsOf(model, measure(picture(light)), side, side);
/** Detail from black to white, as a sharp picture has it. */
const sharp = (x: number, y: number) => ((x + y) % 4) * 80;

it("measures where the light is", () => {
  const found = measure(picture((x) => (x < SIDE / 2 ? 20 : 255)));
  expect(found).toMatchObject({ dark: 20, light: 255, clipped: 0.5 });
});

it("weighs the colours as the eye does", () => {
  const green = picture(() => 0);
  for (let at = 0; at < green.data.length; at += 4) green.data[at + 1] = 255;
  expect(measure(green).light).toBe(150);
});

it("measures no detail in an even picture, and none in a slope", () => {
  expect(measure(picture(() => 90)).detail).toBe(0);
  expect(measure(picture((x) => 2 * x)).detail).toBeCloseTo(0);
});

it("measures the variance of the Laplacian", () => {
  // of a board of 0 and 10, each inner pixel's is 40 or -40
  expect(measure(picture((x, y) => ((x + y) % 2) * 10)).detail).toBeCloseTo(1600);
});

it("has nothing to say of a good picture", () => {
  expect(warned(sharp)).toEqual([]);
});

it.each([
  ["tiny", sharp, 95],
  ["dark", (x: number, y: number) => sharp(x, y) / 5, 224],
  ["bright", (x: number, y: number) => 255 - sharp(x, y) / 4, 224],
  ["bright", (x: number, y: number) => (y < 8 ? sharp(x, y) : 255), 224],
] as const)("says that a picture is %s", (warning, light, side) => {
  expect(warned(light, "tumor", side)).toEqual([warning]);
});

it("says that there is no contrast", () => {
  expect(warned((x, y) => 120 + (x + y) % 2 * 15, "tumor")).toEqual(["flat"]);
});

it("asks more detail of a slice than of a photo of skin", () => {
  const soft = (x: number, y: number) => 120 + 60 * Math.sin(x / 3) * Math.sin(y / 3);
  expect(measure(picture(soft)).detail).toBeGreaterThan(11);
  expect(warned(soft, "tumor")).toEqual(["blurred"]);
  expect(warned(soft, "monkeypox")).toEqual([]);
  expect(warned(soft, "one of the operator's own")).toEqual([]);
});

it("takes a picture of a single pixel", () => {
  const one = { data: new Uint8ClampedArray([9, 9, 9, 255]), width: 1, height: 1 } as ImageData;
  expect(warningsOf("tumor", measure(one), 1, 1)).toEqual(["tiny", "dark", "flat", "blurred"]);
});
