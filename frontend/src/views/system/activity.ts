import type { components } from "../../api/schema";

export type Activity = components["schemas"]["Activity"];
export type Point = components["schemas"]["Point"];

/** What a service's last hour was like. Times in milliseconds. */
export interface Busyness {
  /** Requests per minute, over the last whole minutes. */
  perMinute: number;
  requests: number;
  errors: number;
  /** Of the hour: the median of the minutes' medians, each with the weight of its requests. */
  typicalMs: number | null;
  /** Of the last minutes that had an answer. */
  nowMs: number | null;
  now95Ms: number | null;
}

/** Newer minutes than this are "now". */
const NOW_MINUTES = 5;

/** The points of one model, an empty list where the gateway has counted none. */
export function pointsOf(activity: Activity | undefined, model: string): readonly Point[] {
  return activity?.models[model] ?? [];
}

const MINUTES = 60;
const MINUTE_MS = 60_000;

/** The hour's median times, minute by minute; null where nothing was asked, and from before the gateway started. */
export function timeline(points: readonly Point[]): (number | null)[] {
  const minute = (point: Point) => Math.floor(Date.parse(point.at) / MINUTE_MS);
  const last = points.at(-1);
  const times = new Map(points.map((point) => [last ? minute(last) - minute(point) : 0, point.p50_ms]));
  return Array.from({ length: MINUTES }, (_, at) => times.get(MINUTES - 1 - at) ?? null);
}

export function busyness(points: readonly Point[]): Busyness {
  const lately = points.slice(-NOW_MINUTES - 1);
  const whole = lately.slice(0, -1); // the last minute is not over yet
  const answered = lately.findLast((point) => point.p50_ms !== null);
  return {
    perMinute: whole.length ? sum(whole.map((point) => point.requests)) / whole.length : 0,
    requests: sum(points.map((point) => point.requests)),
    errors: sum(points.map((point) => point.errors)),
    typicalMs: weightedMedian(points),
    nowMs: answered?.p50_ms ?? null,
    now95Ms: answered?.p95_ms ?? null,
  };
}

function weightedMedian(points: readonly Point[]): number | null {
  const timed = points.flatMap(({ p50_ms, requests }) => (p50_ms === null ? [] : [{ ms: p50_ms, weight: Math.max(1, requests) }]));
  timed.sort((a, b) => a.ms - b.ms);
  const half = sum(timed.map((one) => one.weight)) / 2;
  let passed = 0;
  return timed.find((one) => (passed += one.weight) >= half)?.ms ?? null;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
