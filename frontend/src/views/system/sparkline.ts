/** So many points without a value are bridged; a longer silence is a gap. */
const BRIDGED = 2;

/** The highest value; null where there is none. */
export function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length ? Math.max(...known) : null;
}

/** The path of a line through `values`, in a box of `width` × `height`; it breaks where there was none for long. */
export function linePath(values: readonly (number | null)[], width: number, height: number): string {
  const top = Math.max(0, highest(values) ?? 0);
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const at = (value: number, index: number) => `${round(index * step)} ${round(height - (top ? value / top : 0) * height)}`;
  return values.map((value, index) => (value === null ? "" : segment(values, index, at(value, index)))).join("");
}

/** A point that has no neighbour is a line of no length: its round ends make a dot of it. */
function segment(values: readonly (number | null)[], index: number, at: string): string {
  const isNear = (near: readonly (number | null)[]) => near.some((value) => value !== null);
  if (isNear(values.slice(Math.max(0, index - 1 - BRIDGED), index))) return `L${at}`;
  return isNear(values.slice(index + 1, index + 2 + BRIDGED)) ? `M${at}` : `M${at}h0`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
