import type { components, paths } from "../../../api/schema";

export type Entry = components["schemas"]["AuditEntry"];
export type Action = NonNullable<Entry["action"]>;
export type Query = NonNullable<paths["/api/audit"]["get"]["parameters"]["query"]>;
export type Range = "today" | "week" | "month" | "all" | "custom";
export const ANY = "any";

export const RANGES: readonly Range[] = ["today", "week", "month", "all", "custom"];
export const ACTIONS = [
  "predict", "infer", "chat", "chat_forget", "suggest", "feedback", "feedback_export", "sign_in", "refresh", "sign_out",
  "user_create", "user_update", "user_delete", "key_create", "key_revoke", "model_activate", "model_rollback",
  "audit_read", "audit_check", "access", "start", "stop", "retention", "recovered",
] as const satisfies readonly Action[]; // prettier-ignore
export const OUTCOMES = [
  "ok", "UNAUTHORIZED", "FORBIDDEN", "RATE_LIMITED", "VALIDATION_ERROR", "INVALID_IMAGE", "UNSUPPORTED_FORMAT",
  "PAYLOAD_TOO_LARGE", "CONFLICT", "NOT_FOUND", "UNKNOWN_MODEL", "MODEL_UNAVAILABLE", "OVERLOADED", "TIMEOUT", "UPLOAD_TIMEOUT",
  "SIGN_IN_UNAVAILABLE", "FEEDBACK_UNAVAILABLE", "AUDIT_UNAVAILABLE", "CLIENT_GONE", "INTERNAL_ERROR",
] as const; // prettier-ignore

/** What the form says. `from` and `to` are days (YYYY-MM-DD), both included, and count when `range` is `custom`. */
export interface Filters {
  range: Range;
  from: string;
  to: string;
  action: Action | typeof ANY;
  outcome: string;
  model: string;
  /** A user name, or an id. */
  subject: string;
  requestId: string;
}

/** Shows only what fits these, too. */
export type Narrow = (changes: Partial<Filters>) => void;

export const DEFAULT: Filters = {
  range: "week",
  from: "",
  to: "",
  action: ANY,
  outcome: ANY,
  model: ANY,
  subject: "",
  requestId: "",
};

const DAYS: Partial<Record<Range, number>> = { today: 0, week: 6, month: 29 };

/** True unless the days are the wrong way round. */
export function isInOrder({ range, from, to }: Filters): boolean {
  return range !== "custom" || !from || !to || from <= to;
}

/** What the gateway is asked. Days are those of this device; `idOf` knows the id of a user name. */
export function queryOf(filters: Filters, now: Date, idOf: (name: string) => string | null): Query {
  const subject = filters.subject.trim();
  return present({
    ...times(filters, now),
    action: chosen(filters.action),
    outcome: chosen(filters.outcome),
    model: chosen(filters.model),
    subject: subject ? (idOf(subject) ?? subject) : undefined,
    request_id: filters.requestId.trim() || undefined,
  });
}

function times({ range, from, to }: Filters, now: Date): { since?: string; until?: string } {
  if (range === "custom") return present({ since: midnight(from, 0), until: midnight(to, 1) });
  const days = DAYS[range];
  if (days === undefined) return {};
  return { since: new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).toISOString() };
}

/** The start of `day`, or of a later one, on this device; an empty one has none. */
function midnight(day: string, later: number): string | undefined {
  const [year, month, date] = day.split("-").map(Number);
  if (!year || !month || !date) return undefined;
  return new Date(year, month - 1, date + later).toISOString();
}

function chosen<Value extends string>(value: Value | typeof ANY): Value | undefined {
  return value === ANY ? undefined : (value as Value);
}

type Present<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> };

function present<Fields extends object>(fields: Fields): Present<Fields> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<Fields>;
}
