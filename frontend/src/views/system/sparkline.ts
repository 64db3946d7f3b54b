/** The path of a line through `values`, in a box of `width` × `height`; it breaks where a value is not there. */
export function linePath(values: readonly (number | null)[], width: number, height: number): string {
  const highest = Math.max(0, ...values.filter((value) => value !== null));
  const step = values.length > 1 ? width / (values.length - 1) : 0;
  const at = (value: number, index: number) => `${round(index * step)} ${round(height - (highest ? value / highest : 0) * height)}`;
  return values.map((value, index) => (value === null ? "" : segment(values, index, at(value, index)))).join("");
}

/** A point that has no neighbour is a line of no length: its round ends make a dot of it. */
function segment(values: readonly (number | null)[], index: number, at: string): string {
  if ((values[index - 1] ?? null) !== null) return `L${at}`;
  return (values[index + 1] ?? null) === null ? `M${at}h0` : `M${at}`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
