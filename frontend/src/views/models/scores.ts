import type { Card } from "./card";
import type { Evaluation } from "./evaluations";
import { type Interval, at, interval, number, record } from "./read";
import { wilson } from "./wilson";

/** `name` is a key of the translations `models.score` and `models.why`; a share is written in percent. */
export interface Score {
  name: ScoreName;
  at: Interval;
  samples: number | null;
  isShare: boolean;
}

export type ScoreName =
  | "accuracy"
  | "auroc"
  | "ece"
  | "brier"
  | "coverage"
  | "setSize"
  | "gate"
  | "quality"
  | "lowConfidence"
  | "accuracyOfAnswers"
  | "deletion"
  | "insertion";

/** Where each score stands in the card's `trust`; the rest is on the same pictures as the test. */
const TRUST: readonly [ScoreName, boolean, ...string[]][] = [
  ["ece", true, "calibration", "ece"],
  ["brier", false, "calibration", "brier"],
  ["coverage", true, "prediction_sets", "coverage_told"],
  ["setSize", false, "prediction_sets", "mean_size"],
  ["gate", true, "abstention", "out_of_distribution"],
  ["quality", true, "abstention", "image_quality"],
  ["lowConfidence", true, "abstention", "low_confidence"],
  ["accuracyOfAnswers", true, "abstention", "accuracy_of_answers"],
];

/** Of a model that its user measured on own pictures. */
const OWN: readonly [ScoreName, boolean, ...string[]][] = [
  ["ece", true, "test_calibration", "ece"],
  ["brier", false, "test_calibration", "brier"],
  ["coverage", true, "test_prediction_sets", "coverage"],
  ["setSize", false, "test_prediction_sets", "mean_size"],
  ["gate", true, "test_refused_by_the_gate"],
];

/** The scores of `main`, and what else was measured on its pictures. */
export function scores(card: Card, main: Evaluation): Score[] {
  const trust = record(card.metrics.trust);
  const places = Object.keys(trust).length ? TRUST : OWN;
  const from = places === TRUST ? trust : card.metrics;
  return [
    ...told("accuracy", true, main.accuracy, main.samples),
    ...told("auroc", false, main.auroc, main.samples),
    ...places.flatMap(([name, isShare, ...path]) => told(name, isShare, interval(at(from, ...path)), main.samples)),
    ...maps(trust.explanation),
  ];
}

function maps(explanation: unknown): Score[] {
  const pictures = number(at(explanation, "pictures"));
  return (["deletion", "insertion"] as const).flatMap((name) =>
    told(name, false, interval(at(explanation, name, "gain")), pictures),
  );
}

function told(name: ScoreName, isShare: boolean, value: Interval | null, samples: number | null): Score[] {
  return value ? [{ name, isShare, at: value, samples }] : [];
}

/** How often pictures of a kind that the model does not know were refused. */
export interface Strange {
  kind: string;
  refused: Interval | null;
  samples: number;
}

export function strangers(card: Card): Strange[] {
  return Object.entries(record(at(card.metrics, "trust", "out_of_distribution"))).flatMap(([kind, value]) => {
    const { let_through: passed, samples } = record(value);
    const [share, of] = [number(passed), number(samples)];
    return share === null || of === null ? [] : [{ kind, refused: wilson(Math.round((1 - share) * of), of), samples: of }];
  });
}

/** The accuracy within a part of the test. */
export interface Group {
  by: string;
  group: string;
  accuracy: Interval;
  samples: number | null;
}

export function groups(card: Card): Group[] {
  const found = card.metrics.groups;
  if (!Array.isArray(found)) return [];
  return found.map(record).flatMap(({ by, group, accuracy, samples }) => {
    const share = interval(accuracy);
    return share && typeof by === "string" && typeof group === "string" ? [{ by, group, accuracy: share, samples: number(samples) }] : [];
  });
}
