import type { Card } from "./card";
import { type Interval, at, interval, number, record, table, texts } from "./read";
import { wilson } from "./wilson";

/** `test` was never used to choose anything; the others were. */
const SPLITS = ["test", "cross_validation", "val"] as const;
export type Split = (typeof SPLITS)[number];

/** How one class fared. */
export interface ClassScore {
  label: string;
  /** Of the pictures of this class, the share that was called so. */
  sensitivity: Interval | null;
  samples: number | null;
  /** Of the pictures of other classes, the share that was not called so. */
  specificity: Interval | null;
  others: number | null;
}

/** What was measured on one split of the data, for one kind of input (null: the only one). */
export interface Evaluation {
  input: string | null;
  split: Split;
  samples: number | null;
  accuracy: Interval;
  auroc: Interval | null;
  classes: ClassScore[];
  /** Rows: the truth; columns: what was said; in the order of `classes`. */
  confusion: number[][];
}

/** All that the card tells of inputs that are served; the most trustworthy first. */
export function evaluations(card: Card): Evaluation[] {
  const inputs = [null, ...card.inputs.map((input) => input.name)];
  return SPLITS.flatMap((split) =>
    inputs.flatMap((input) => {
      const found = input === null ? card.metrics[split] : at(card.metrics, input, split);
      const read = evaluation(found, input, split);
      return read ? [read] : [];
    }),
  );
}

function evaluation(value: unknown, input: string | null, split: Split): Evaluation | null {
  const found = record(value);
  const accuracy = interval(found.accuracy);
  if (!accuracy) return null;
  const labels = texts(found.labels);
  const counts = table(found.confusion);
  const confusion = counts.length === labels.length ? counts : [];
  return {
    input,
    split,
    samples: number(found.samples),
    accuracy,
    auroc: interval(found.auroc),
    classes: labels.map((_, index) => classScore(labels, index, found.recall, confusion)),
    confusion,
  };
}

function classScore(labels: string[], index: number, recall: unknown, confusion: number[][]): ClassScore {
  const label = labels[index] ?? "";
  const counts = confusion[index];
  return {
    label,
    sensitivity: interval(record(recall)[label]),
    samples: counts ? sum(counts) : null,
    ...specificity(labels, index, recall, confusion),
  };
}

/** With two classes it is the sensitivity to the other one, which the card tells; else it is counted. */
function specificity(labels: string[], index: number, recall: unknown, confusion: number[][]): Pick<ClassScore, "specificity" | "others"> {
  const rest = confusion.filter((_, row) => row !== index);
  const others = sum(rest.flat());
  const told = labels.length === 2 ? interval(record(recall)[labels[1 - index] ?? ""]) : null;
  const counted = wilson(others - sum(rest.map((row) => row[index] ?? 0)), others);
  return { specificity: told ?? counted, others: others || null };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
