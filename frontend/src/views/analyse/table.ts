import type { Analysis } from "../../stores/analyses";

/** Marks UTF-8, so that Excel does not take Arabic for something else. */
const MARK = "\ufeff";

/** The finished analyses as RFC 4180 has it, with what the gateway calls each thing, not what the page's language does. */
export function csvOf(items: readonly Analysis[]): string {
  const head = ["file", "model", "version", "decision", "result", "confidence", "abstain_reason", "prediction_set", "request_id", "timestamp"];
  return MARK + [head, ...items.flatMap(line)].map((cells) => cells.map(cell).join(",") + "\r\n").join("");
}

function line({ file, model, prediction }: Analysis): string[][] {
  if (!prediction) return [];
  const { model_version, decision, result, confidence, abstain_reason, prediction_set, request_id, timestamp } = prediction;
  const set = (prediction_set ?? []).join(" ");
  return [[file.name, model, model_version, decision, result ?? "", confidence.toFixed(4), abstain_reason ?? "", set, request_id, timestamp]];
}

/** Quoted, and such that no spreadsheet takes a file's name for a formula. */
function cell(text: string): string {
  return `"${(/^[=+\-@\t\r]/.test(text) ? `'${text}` : text).replaceAll('"', '""')}"`;
}
