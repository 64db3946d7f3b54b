import { type Raw, at, number, record, text, texts } from "./read";

export interface ClassText {
  label: string;
  title: string | null;
  description: string | null;
  source: string | null;
}

/** What stands between the numbers of one kind of input and an answer. */
export interface Safeguards {
  input: string;
  isCalibrated: boolean;
  /** The share of cases that a prediction set is meant to hold the truth for. */
  coverage: number | null;
  /** The share of right pictures that the gate for wrong ones lets through. */
  letThrough: number | null;
  isQualityChecked: boolean;
}

/** One kind of input. */
export interface Input {
  name: string;
  kind: string;
  size: { width: number; height: number } | null;
  names: string[];
}

export interface Plot {
  name: string;
  title: string;
}

/** A model's card; null and empty lists for what it does not say. */
export interface Card {
  model: string;
  isReady: boolean;
  reason: string | null;
  title: string | null;
  version: string | null;
  digest: string | null;
  created: string | null;
  runtime: string | null;
  accepts: string | null;
  notice: string | null;
  disclaimer: string | null;
  classes: ClassText[];
  notFor: string[];
  limits: string[];
  inputs: Input[];
  safeguards: Safeguards[];
  plots: Plot[];
  metrics: Raw;
  data: { source: string | null; licence: string | null; split: string | null };
  licence: string | null;
  /** True for a model that the user brought. */
  isImported: boolean;
  /** Role → version, beside the active one. */
  beside: [string, string][];
  raw: Raw;
}

export function readCard(raw: Raw): Card {
  const line = (name: string) => text(raw[name]);
  return {
    model: line("model") ?? "",
    isReady: raw.ready === true,
    reason: line("reason"),
    title: line("title"),
    version: line("version"),
    digest: line("digest"),
    created: line("created"),
    runtime: line("runtime"),
    accepts: line("accepts"),
    notice: line("notice"),
    disclaimer: line("disclaimer"),
    classes: Object.entries(record(raw.labels)).map(classText),
    notFor: texts(raw.not_for),
    limits: texts(raw.limits),
    inputs: Object.entries(record(raw.inputs)).map(input),
    safeguards: Object.entries(record(raw.trust)).map(safeguards),
    plots: plots(raw.plots),
    metrics: record(raw.metrics),
    data: data(at(raw, "provenance", "data")),
    licence: text(at(raw, "provenance", "licence")),
    isImported: "imported" in record(raw.provenance),
    beside: Object.entries(record(raw.serving)).filter(
      (one): one is [string, string] => one[0] !== "active" && text(one[1]) !== null,
    ),
    raw,
  };
}

function classText([label, texts]: [string, unknown]): ClassText {
  const { title, description, source } = record(texts);
  return { label, title: text(title), description: text(description), source: text(source) };
}

function input([name, value]: [string, unknown]): Input {
  const { kind, width, height, names } = record(value);
  const [wide, high] = [number(width), number(height)];
  const size = wide !== null && high !== null ? { width: wide, height: high } : null;
  return { name, kind: text(kind) ?? "", size, names: texts(names) };
}

function safeguards([input, value]: [string, unknown]): Safeguards {
  const { calibration, conformal, guard, quality } = record(value);
  return {
    input,
    isCalibrated: number(at(calibration, "temperature")) !== null,
    coverage: number(at(conformal, "coverage")),
    letThrough: number(at(guard, "true_positive_rate")),
    isQualityChecked: Object.keys(record(quality)).length > 0,
  };
}

function plots(value: unknown): Plot[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((one) => {
    const name = text(at(one, "name"));
    return name ? [{ name, title: text(at(one, "title")) ?? name }] : [];
  });
}

/** A new service's bundle has one sentence there. */
function data(value: unknown): Card["data"] {
  const { source, licence, split } = record(value);
  return { source: text(value) ?? text(source), licence: text(licence), split: text(split) };
}
