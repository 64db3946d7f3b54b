import { session } from "../session/session";
import { Refused, refusal, type Prediction, type Problem } from "./client";
import { address } from "./fetch";

/** No byte of the picture moves; how long all of it takes is the line's. */
const STILL_MS = 60_000;
/** For the answer, once all is sent. */
const ANSWER_MS = 120_000;

export interface Progress {
  signal: AbortSignal;
  /** 0…1 of the bytes that were sent. */
  onSent?: (share: number) => void;
}

/** A picture to a model, with the heat map. Throws Refused; an AbortError when it was cancelled. */
export async function predict(model: string, picture: Blob, name: string, progress: Progress): Promise<Prediction> {
  const form = new FormData();
  form.set("file", picture, name);
  return (await upload(`/api/predict/${encodeURIComponent(model)}?explain=true`, form, progress)) as Prediction;
}

/** The answer to a form. By XMLHttpRequest: `fetch` does not tell how much of it was sent. */
export async function upload(path: string, form: FormData, progress: Progress): Promise<unknown> {
  const { era } = session;
  for (let refusals = 0; ; refusals += 1) {
    const token = await session.token(era);
    progress.signal.throwIfAborted();
    const request = await sent(path, form, token, progress);
    if (request.status === 401) {
      if (refusals === 0) session.refused(token);
      else session.expire(token); // renewing does not help
      continue;
    }
    const answer = parsed(request.responseText);
    if (request.status < 200 || request.status >= 300) throw refusalOf(request, answer as Partial<Problem> | null);
    if (answer === null) throw new TypeError("somebody else answers"); // the sign-in page of a network, say
    return answer;
  }
}

function sent(path: string, form: FormData, token: string, { signal, onSent }: Progress): Promise<XMLHttpRequest> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const cancel = () => request.abort();
    const limit = new Limit(() => {
      reject(new Refused("TIMEOUT"));
      request.abort();
    });
    request.open("POST", address(path));
    request.setRequestHeader("Authorization", `Bearer ${token}`);
    request.upload.onprogress = ({ lengthComputable, loaded, total }) => {
      limit.set(lengthComputable && loaded >= total ? ANSWER_MS : STILL_MS);
      if (lengthComputable) onSent?.(loaded / total);
    };
    request.upload.onload = () => limit.set(ANSWER_MS);
    request.onload = () => resolve(request);
    request.onerror = () => reject(new TypeError("nobody answers"));
    request.onabort = () => reject(new DOMException("cancelled", "AbortError"));
    request.onloadend = () => {
      limit.clear();
      signal.removeEventListener("abort", cancel);
    };
    signal.addEventListener("abort", cancel);
    limit.set(STILL_MS);
    request.send(form);
  });
}

/** Calls `end` unless it is set anew, or cleared, in time. */
class Limit {
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly end: () => void) {}

  set(milliseconds: number): void {
    this.clear();
    this.timer = setTimeout(this.end, milliseconds);
  }

  clear(): void {
    clearTimeout(this.timer);
  }
}

function refusalOf(request: XMLHttpRequest, problem: Partial<Problem> | null): Refused {
  const { status, statusText } = request;
  return refusal({ status, statusText, headers: { get: (name) => request.getResponseHeader(name) } }, problem);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
