import type { Row } from "../../../downloads";
import type { Entry } from "./filters";

const COLUMNS = [
  "time", "action", "outcome", "subject", "role", "method", "key_id", "client", "request_id", "model", "model_version",
  "decision", "result", "confidence", "cached", "input", "target", "detail", "slot", "seq", "hash", "problem",
] as const satisfies readonly (keyof Entry)[]; // prettier-ignore

/** The entries as a table, under their columns' names. */
export function tableOf(entries: readonly Entry[]): Row[] {
  return [COLUMNS, ...entries.map((entry) => COLUMNS.map((name) => entry[name]))];
}
