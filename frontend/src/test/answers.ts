import { QueryClientProvider } from "@tanstack/react-query";
import { render } from "@testing-library/react";
import { type ReactElement, createElement } from "react";
import { I18nProvider } from "react-aria-components";
import { vi } from "vitest";
import type { Prediction } from "../api/client";
import { queries } from "../app/queries";
import { session } from "../session/session";

type Answers = Record<string, (request: Request) => Response | Promise<Response>>;

/** Answers each request by its path; what was asked is in the mock. */
export function serve(answers: Answers) {
  return vi.spyOn(globalThis, "fetch").mockImplementation(async (input) => {
    const request = input as Request;
    const { pathname } = new URL(request.url);
    const answer = answers[`${request.method} ${pathname}`] ?? answers[pathname];
    if (!answer) throw new TypeError(`nobody asked for ${request.method} ${pathname}`);
    return answer(request);
  });
}

export function problem(status: number, code: string, headers: Record<string, string> = {}): Response {
  return Response.json({ code, detail: "", status, title: code }, { status, headers });
}

export function opened(token = "one", expiresIn = 1800): Response {
  return Response.json({ access_token: `access-${token}`, token_type: "bearer", expires_in: expiresIn });
}

export const ME = { id: "0".repeat(32), username: "ada", role: "admin", method: "password", models: null };

/** Signed in as `ada`, with these answers. */
export async function signedIn(answers: Answers = {}) {
  const asked = serve({ "/api/session": () => opened(), "/api/me": () => Response.json(ME), ...answers });
  await session.start("ada", "a long password");
  return asked;
}

/** Shows a part of the page with what is around all of it. */
export function show(part: ReactElement) {
  const inner = createElement(I18nProvider, { locale: "en", children: part });
  return render(createElement(QueryClientProvider, { client: queries, children: inner }));
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
