import { ME } from "../../../test/answers";
import type { Entry } from "./filters";

/** A line of the log, for tests. */
export const ENTRY: Entry = {
  slot: 1,
  seq: 42,
  hash: "a".repeat(64),
  problem: null,
  time: "2026-01-01T12:00:00Z",
  action: "predict",
  outcome: "ok",
  subject: ME.id,
  role: "clinician",
  method: "token",
  key_id: null,
  client: "10.0.0.7",
  request_id: "r-1",
  model: "tumor",
  model_version: "1.0.0",
  decision: "predicted",
  result: "glioma",
  confidence: 0.934,
  cached: false,
  input: null,
  target: null,
  detail: null,
};
