import type { Entry } from "./filters";

const COLUMNS = [
  "time", "action", "outcome", "subject", "role", "method", "key_id", "client", "request_id", "model", "model_version",
  "decision", "result", "confidence", "cached", "input", "target", "detail", "slot", "seq", "hash", "problem",
] as const satisfies readonly (keyof Entry)[]; // prettier-ignore

/** The entries as RFC 4180; what a spreadsheet would take for a formula is made a text. */
export function csvOf(entries: readonly Entry[]): string {
  const lines = entries.map((entry) => COLUMNS.map((name) => field(entry[name])).join(","));
  return [COLUMNS.join(","), ...lines, ""].join("\r\n");
}

function field(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Lets the browser save it. */
export function save(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url)); // once the browser has begun to read it
}
