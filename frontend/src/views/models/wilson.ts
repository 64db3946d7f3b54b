import type { Interval } from "./read";

const Z = 1.959964;

/** A share with its 95 % interval (Wilson's score interval); null when nothing was counted. */
export function wilson(found: number, of: number): Interval | null {
  if (of <= 0) return null;
  const share = found / of;
  const middle = (share + Z ** 2 / (2 * of)) / (1 + Z ** 2 / of);
  const reach = (Z / (1 + Z ** 2 / of)) * Math.sqrt((share * (1 - share)) / of + Z ** 2 / (4 * of ** 2));
  // at the ends it is exact, but for what floating point numbers lose
  return { value: share, low: found === 0 ? 0 : middle - reach, high: found === of ? 1 : middle + reach };
}
