import type { Card } from "./card";
import { type Interval, interval, number, record } from "./read";
import { wilson } from "./wilson";

export type ChatScoreName = "hit1" | "hit3" | "emergencies" | "rulesAlone" | "falseAlarms" | "declined" | "declinedWrongly";

/** `language`: null for both. */
export interface ChatScore {
  name: ChatScoreName;
  language: "en" | "ar" | null;
  at: Interval;
  samples: number | null;
}

const LANGUAGES = ["en", "ar"] as const;

/** What the chatbot's card tells; empty for any other card. */
export function chatScores(card: Card): ChatScore[] {
  return [...retrieval(card.metrics.retrieval_dev), ...emergencies(card.metrics.red_flags_cv), ...scope(card.metrics.scope_cv)];
}

function retrieval(value: unknown): ChatScore[] {
  return LANGUAGES.flatMap((language) => {
    const found = record(record(value)[language]);
    const asked = number(found.questions);
    return [...share("hit1", language, found["hit@1"], asked), ...share("hit3", language, found["hit@3"], asked)];
  });
}

function emergencies(value: unknown): ChatScore[] {
  return LANGUAGES.flatMap((language) => {
    const found = record(record(value)[language]);
    const [all, real] = [number(found.phrases), number(found.emergencies)];
    return [
      ...share("emergencies", language, found.recall, real),
      ...share("rulesAlone", language, found.rules_recall, real),
      ...share("falseAlarms", language, found.false_alarms, all !== null && real !== null ? all - real : null),
    ];
  });
}

/** How many of its phrases were of either kind is not told. */
function scope(value: unknown): ChatScore[] {
  const found = record(value);
  return [...share("declined", null, found.declined_of_not_health, null), ...share("declinedWrongly", null, found.declined_of_health, null)];
}

function share(name: ChatScoreName, language: ChatScore["language"], value: unknown, of: number | null): ChatScore[] {
  const told = interval(value);
  if (!told) return [];
  const counted = of !== null && told.low === null ? wilson(Math.round(told.value * of), of) : null;
  return [{ name, language, at: counted ? { ...counted, value: told.value } : told, samples: of }];
}
