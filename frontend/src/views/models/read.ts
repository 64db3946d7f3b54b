/** Reads of JSON that may be anything: a user's own model may leave out, or add, whatever it likes. */
export type Raw = Readonly<Record<string, unknown>>;

/** A share or another score; the interval holds 95 %, where there is one. */
export interface Interval {
  value: number;
  low: number | null;
  high: number | null;
}

/** Empty when it is no object. */
export function record(value: unknown): Raw {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Raw) : {};
}

export function text(value: unknown): string | null {
  return typeof value === "string" && value.trim() ? value : null;
}

export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((one): one is string => text(one) !== null) : [];
}

export function number(value: unknown): number | null {
  return typeof value === "number" && Number.isFinite(value) ? value : null;
}

/** Of `0.9`, or of `{value: 0.9, low: 0.8, high: 1}`. */
export function interval(value: unknown): Interval | null {
  const inner = record(value);
  const found = number(value) ?? number(inner.value);
  return found === null ? null : { value: found, low: number(inner.low), high: number(inner.high) };
}

/** The value at the end of `path`. */
export function at(value: unknown, ...path: string[]): unknown {
  return path.reduce<unknown>((inner, name) => record(inner)[name], value);
}

/** Rows of counts, all of the same length; empty when it is no such table. */
export function table(value: unknown): number[][] {
  if (!Array.isArray(value)) return [];
  const rows = value.map((row) => (Array.isArray(row) ? row.map(number) : []));
  const isWhole = rows.every((row) => row.length === rows.length && row.every((one) => one !== null));
  return isWhole ? (rows as number[][]) : [];
}
