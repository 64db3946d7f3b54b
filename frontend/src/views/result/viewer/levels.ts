import { clamp } from "./geometry";

/** How the picture is shown, from -100 to 100 each; 0: as it is. */
export interface Levels {
  brightness: number;
  contrast: number;
  isInverted: boolean;
}

/** As radiology says it, in grey values of 8 bits: `width` around `center` is spread over black to white. */
export interface GreyWindow {
  center: number;
  width: number;
}

export const AS_IS: Levels = { brightness: 0, contrast: 0, isInverted: false };
const MOST = 100;
const DOUBLINGS = 3;

export function windowOf({ brightness, contrast }: Levels): GreyWindow {
  return { center: 127.5 * (1 - brightness / MOST), width: 255 / 2 ** ((contrast / MOST) * DOUBLINGS) };
}

/** For `feFuncX type="linear"`, which takes and gives 0…1. */
export function linear(levels: Levels): { slope: number; intercept: number } {
  const { center, width } = windowOf(levels);
  const slope = 255 / width;
  const intercept = 0.5 - (slope * center) / 255;
  return levels.isInverted ? { slope: -slope, intercept: 1 - intercept } : { slope, intercept };
}

/** After a drag by so many pixels: to the right the window gets wider, upwards the picture brighter. */
export function dragged(levels: Levels, dx: number, dy: number): Levels {
  return {
    ...levels,
    contrast: clamp(levels.contrast - dx / 3, -MOST, MOST),
    brightness: clamp(levels.brightness - dy / 3, -MOST, MOST),
  };
}

export function isAsIs({ brightness, contrast, isInverted }: Levels): boolean {
  return brightness === 0 && contrast === 0 && !isInverted;
}
