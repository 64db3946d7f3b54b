import createClient, { type Middleware } from "openapi-fetch";
import { session } from "../auth/session";
import { BASE_URL, send } from "./fetch";
import type { components, paths } from "./schema";

export type Prediction = components["schemas"]["Prediction"];
export type ChatAnswer = components["schemas"]["ChatAnswer"];
export type Health = components["schemas"]["Health"];
export type Problem = components["schemas"]["Problem"];

/** What the gateway said no with; `code` has its sentence in the translations. */
export class Refused extends Error {
  constructor(
    readonly code: string,
    detail: string,
  ) {
    super(detail);
  }
}

const signedIn: Middleware = {
  async onRequest({ request }) {
    const token = await session.token();
    if (token) request.headers.set("Authorization", `Bearer ${token}`);
    return request;
  },
};

export const api = createClient<paths>({ baseUrl: BASE_URL, fetch: send });
api.use(signedIn);

/** Why the gateway said no: `problem` is the answer's body, or what there is of it. Ends the session with a 401. */
export function refusal(response: Response, problem: Partial<Problem> | undefined | null): Refused {
  if (response.status === 401) session.end();
  return new Refused(problem?.code ?? `HTTP_${response.status}`, problem?.detail ?? response.statusText);
}

/** A picture to a model, with the heat map. */
export async function predict(model: string, file: File, signal: AbortSignal): Promise<Prediction> {
  const body = new FormData();
  body.set("file", file);
  const { data, error, response } = await api.POST("/api/predict/{model}", {
    params: { path: { model }, query: { explain: true } },
    body: body as never, // a form, which the document has as an object
    bodySerializer: (form: unknown) => form as FormData,
    signal,
  });
  if (!data) throw refusal(response, error);
  return data;
}

/** How the system is; anybody may ask, and a system that is unwell answers, too. */
export async function health(): Promise<Health> {
  const response = await send(new Request(new URL(`${BASE_URL}/api/health`, location.origin)));
  const found = (await response.json()) as Health | Problem;
  if (!("services" in found)) throw refusal(response, found);
  return found;
}
