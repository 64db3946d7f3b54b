import createClient from "openapi-fetch";
import { session } from "../session/session";
import { BASE_URL, send } from "./fetch";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Prediction = Schemas["Prediction"];
export type ChatAnswer = Schemas["ChatAnswer"];
export type Health = Schemas["Health"];
export type Problem = Schemas["Problem"];

/** What the gateway said no with; `code` has its sentence in the translations. `retryAfter` in seconds. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    detail = "",
    readonly status = 0,
    readonly requestId: string | null = null,
    readonly retryAfter: number | null = null,
  ) {
    super(detail);
  }
}

/** Sends with the access token; waits, and sends again, when the session has ended meanwhile. */
export async function authorized(request: Request): Promise<Response> {
  for (;;) {
    const token = await session.token();
    request.signal.throwIfAborted();
    const attempt = request.clone(); // its body may have to be sent again
    attempt.headers.set("Authorization", `Bearer ${token}`);
    const response = await send(attempt);
    if (response.status !== 401) return response;
    session.refused(token);
  }
}

/** The API for whoever is signed in. */
export const api = createClient<paths>({ baseUrl: BASE_URL, fetch: authorized });
/** What is answered to anybody. */
export const open = createClient<paths>({ baseUrl: BASE_URL, fetch: send });

/** Why the gateway said no: `problem` is the answer's body, or what there is of it. */
export function refusal(response: Response, problem: Partial<Problem> | undefined | null): Refused {
  const after = Number(response.headers.get("Retry-After"));
  return new Refused(
    problem?.code ?? `HTTP_${response.status}`,
    problem?.detail ?? response.statusText,
    response.status,
    response.headers.get("X-Request-ID"),
    Number.isFinite(after) && after > 0 ? after : null,
  );
}

interface Answer<Data> {
  data?: Data;
  error?: unknown;
  response: Response;
}

/** The answer's body; throws Refused when the gateway says no. */
export async function body<Data>(call: Promise<Answer<Data>>): Promise<Data> {
  const { data, error, response } = await call;
  if (!response.ok) throw refusal(response, error as Partial<Problem> | undefined);
  return data as Data;
}
