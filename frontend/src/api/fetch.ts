/** The gateway; nothing: this page's own address. */
export const BASE_URL: string = import.meta.env.VITE_API_URL ?? "";
const TIMEOUT_MS = Number(import.meta.env.VITE_API_TIMEOUT) || 30_000;

/** `fetch` that gives up in time, whatever else may end the request. */
export function send(request: Request): Promise<Response> {
  return fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) });
}

/** Where a path of the API is. */
export function address(path: string): URL {
  return new URL(`${BASE_URL}${path}`, location.origin);
}

/** True when the gateway has another origin than this page: no cookie of its goes there. */
export const IS_ELSEWHERE: boolean = BASE_URL !== "" && address("/").origin !== location.origin;
