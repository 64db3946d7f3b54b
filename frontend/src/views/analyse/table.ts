import type { Row } from "../../downloads";
import type { Analysis } from "../../stores/analyses";

const HEAD = ["file", "model", "version", "decision", "result", "confidence", "abstain_reason", "prediction_set", "request_id", "timestamp"];

/** The finished analyses as a table, with what the gateway calls each thing, not what the page's language does. */
export function tableOf(items: readonly Analysis[]): Row[] {
  return [HEAD, ...items.flatMap(line)];
}

function line({ file, model, prediction }: Analysis): Row[] {
  if (!prediction) return [];
  const { model_version, decision, result, confidence, abstain_reason, prediction_set, request_id, timestamp } = prediction;
  const set = (prediction_set ?? []).join(" ");
  return [[file.name, model, model_version, decision, result, confidence.toFixed(4), abstain_reason, set, request_id, timestamp]];
}
