import { vi } from "vitest";
import type { Prediction } from "../api/client";

/** Answers each request by its path; what was asked is in the mock. */
export function serve(answers: Record<string, () => Response>) {
  return vi.spyOn(globalThis, "fetch").mockImplementation((input) => {
    const { pathname } = new URL((input as Request).url);
    const answer = answers[pathname];
    return answer ? Promise.resolve(answer()) : Promise.reject(new TypeError(`nobody asked for ${pathname}`));
  });
}

export function problem(status: number, code: string): Response {
  return Response.json({ code, detail: "", status, title: code }, { status });
}

export function tokens(name: string, expiresIn = 1800): Response {
  return Response.json({ access_token: `access-${name}`, refresh_token: `refresh-${name}`, expires_in: expiresIn });
}

export const PREDICTION: Prediction = {
  request_id: "r",
  model: "tumor",
  model_version: "1.0.0",
  instance: "i",
  result: "glioma",
  confidence: 0.9,
  probabilities: { meningioma: 0.08, glioma: 0.9, no_tumor: 0.01, pituitary: 0.01 },
  prediction_set: ["glioma"],
  coverage: 0.9,
  decision: "predicted",
  abstain_reason: null,
  uncertainty: 0.1,
  calibrated: true,
  ood_score: 0.1,
  description: "A glioma.",
  recommendation: "See a doctor.",
  disclaimer: "For education and research only.",
  explanation: null,
  timing_ms: { queue: 0, decode: 1, inference: 2, total: 3 },
  cached: false,
  timestamp: "2026-01-01T00:00:00Z",
};
