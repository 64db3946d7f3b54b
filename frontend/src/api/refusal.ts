import type { components } from "./schema";

export type Problem = components["schemas"]["Problem"];

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

/** What is told of an answer, however it was asked for. */
interface Answered {
  status: number;
  statusText: string;
  headers: Pick<Headers, "get">;
}

/** Why the gateway said no: `problem` is the answer's body, or what there is of it. */
export function refusal(response: Answered, problem: Partial<Problem> | undefined | null): Refused {
  const after = Number(response.headers.get("Retry-After"));
  return new Refused(
    problem?.code ?? `HTTP_${response.status}`,
    problem?.detail ?? response.statusText,
    response.status,
    response.headers.get("X-Request-ID"),
    Number.isFinite(after) && after > 0 ? after : null,
  );
}
