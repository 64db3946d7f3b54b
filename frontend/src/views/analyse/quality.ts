import type { QualityWarning } from "../../stores/analyses";

/** Light is 0 (black) … 255; percentiles over all pixels. */
export interface Measures {
  /** The lightness that 5 % of the pixels are below. */
  dark: number;
  /** The lightness that 95 % of the pixels are below. */
  light: number;
  /** The share of pixels (0…1) that are as light as can be. */
  clipped: number;
  /** The variance of the Laplacian: how much detail there is. */
  detail: number;
}

/** The longest side (pixels) that pictures are measured at: about what the models see of them. */
export const MEASURED_SIDE = 224;
const WHITE = 253;

/** Measures a picture of at most MEASURED_SIDE. */
export function measure({ data, width, height }: ImageData): Measures {
  const light = lightness(data);
  const counts = histogram(light);
  return {
    dark: percentile(counts, 0.05),
    light: percentile(counts, 0.95),
    clipped: counts.slice(WHITE).reduce((sum, count) => sum + count, 0) / light.length,
    detail: variance(laplacian(light, width, height)),
  };
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Rec. 601 luma. */
function lightness(data: Uint8ClampedArray | ImageDataArray): Float32Array {
  const light = new Float32Array(data.length / 4);
  for (let at = 0; at < light.length; at += 1) {
    light[at] = 0.299 * (data[at * 4] ?? 0) + 0.587 * (data[at * 4 + 1] ?? 0) + 0.114 * (data[at * 4 + 2] ?? 0);
  }
  return light;
}

function histogram(light: Float32Array): number[] {
  const counts = new Uint32Array(256);
  for (const value of light) counts[Math.round(value)] = (counts[Math.round(value)] ?? 0) + 1;
  return [...counts];
}

function percentile(counts: number[], share: number): number {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return Math.max(0, counts.findIndex((count) => (seen += count) >= wanted));
}

function laplacian(light: Float32Array, width: number, height: number): Float32Array {
  const inner = new Float32Array(Math.max(0, width - 2) * Math.max(0, height - 2));
  const of = (at: number) => light[at] ?? 0;
  let to = 0;
  for (let y = 1; y < height - 1; y += 1) {
    for (let x = 1; x < width - 1; x += 1) {
      const at = y * width + x;
      inner[to] = of(at - 1) + of(at + 1) + of(at - width) + of(at + width) - 4 * of(at);
      to += 1;
    }
  }
  return inner;
}

function variance(values: Float32Array): number {
  if (values.length === 0) return 0;
  const centre = mean(values);
  return values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / values.length;
}

/**
 * The least `detail` of a sharp picture, of each kind a little below the least of those that the models never saw (of
 * their 1,912 pictures 3 get a warning, all brain slices, 0.4 % of those, as too dark). Nine in ten that were blurred by 1.5 pixels get
 * one; of the photos of skin half do, since some sharp ones have as little detail.
 */
const SHARP: Record<string, number> = { tumor: 59, xray: 20, lung_colon: 60, palm_disease: 11 };
const SHARP_OTHERWISE = 6;

/** What may spoil the answer; `width` and `height` in pixels of the picture as it came. */
export function warningsOf(model: string, found: Measures, width: number, height: number): QualityWarning[] {
  const is: Record<QualityWarning, boolean> = {
    tiny: Math.min(width, height) < 96,
    dark: found.light < 60,
    bright: found.dark > 190 || found.clipped > 0.8,
    flat: found.light - found.dark < 20,
    blurred: found.detail < (SHARP[model] ?? SHARP_OTHERWISE),
  };
  return (Object.keys(is) as QualityWarning[]).filter((warning) => is[warning]);
}
