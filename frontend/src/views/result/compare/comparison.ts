export interface Row {
  label: string;
  left: number;
  right: number;
  /** Of the right one over the left one, -1…1. */
  difference: number;
}

/** The probabilities of two answers beside each other; null when their classes are not the same. */
export function compared(left: Record<string, number>, right: Record<string, number>): Row[] | null {
  const labels = Object.keys(left);
  if (labels.length !== Object.keys(right).length || labels.some((label) => !(label in right))) return null;
  return labels
    .map((label) => row(label, left[label] ?? 0, right[label] ?? 0))
    .sort((one, other) => Math.max(other.left, other.right) - Math.max(one.left, one.right));
}

function row(label: string, left: number, right: number): Row {
  return { label, left, right, difference: right - left };
}
