import createClient from "openapi-fetch";
import { session } from "../session/session";
import { BASE_URL, send } from "./fetch";
import { type Problem, refusal } from "./refusal";
import type { components, paths } from "./schema";

type Schemas = components["schemas"];
export type Prediction = Schemas["Prediction"];
export type ChatAnswer = Schemas["ChatAnswer"];
export type Health = Schemas["Health"];
export { type Problem, Refused, refusal } from "./refusal";

/** Sends with the access token; waits, and sends again, when the session has ended meanwhile: never for another person. */
export async function authorized(request: Request): Promise<Response> {
  const { era } = session;
  for (let refusals = 0; ; refusals += 1) {
    const token = await session.token(era);
    request.signal.throwIfAborted();
    const attempt = request.clone(); // its body may have to be sent again
    attempt.headers.set("Authorization", `Bearer ${token}`);
    const response = await send(attempt);
    if (response.status !== 401) return response;
    if (refusals === 0) session.refused(token);
    else session.expire(token); // renewing does not help
  }
}

/** The API for whoever is signed in. */
export const api = createClient<paths>({ baseUrl: BASE_URL, fetch: authorized });
/** What is answered to anybody. */
export const open = createClient<paths>({ baseUrl: BASE_URL, fetch: send });

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
