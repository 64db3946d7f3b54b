import { createParser } from "eventsource-parser";
import { type ChatAnswer, type Problem, api, body, refusal } from "./client";
import { address, send } from "./fetch";

const FAREWELL_MS = 2_000;

export interface Question {
  message: string;
  /** Under which the gateway remembers the conversation. */
  sessionId: string;
  signal: AbortSignal;
  /** Gets the answer's text so far, each time that more of it arrives. */
  onText: (text: string) => void;
}

export interface Told {
  answer: ChatAnswer;
  /** False: the next question will be understood without this one. */
  isRemembered: boolean;
}

/** The answer broke off after it had begun. */
export class Interrupted extends Error {}

/** What the chatbot says. Throws Refused when the gateway says no; Interrupted; an AbortError when it was stopped. */
export async function ask({ message, sessionId, signal, onText }: Question): Promise<Told> {
  const { data, error, response } = await api.POST("/api/chatbot", {
    body: { message, session_id: sessionId },
    headers: { Accept: "text/event-stream" },
    parseAs: "stream",
    signal,
  });
  if (!data) throw refusal(response, error as Partial<Problem>);
  const answer = await read(data as ReadableStream<Uint8Array>, onText);
  return { answer, isRemembered: response.headers.get("X-Session-Memory") !== "unavailable" };
}

async function read(stream: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<ChatAnswer> {
  const reader = stream.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
  let text = "";
  let answer: ChatAnswer | null = null;
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === "delta") onText((text += data));
      if (event === "answer") answer = JSON.parse(data) as ChatAnswer;
    },
  });
  try {
    while (!answer) {
      const { done, value } = await reader.read();
      if (done) break;
      parser.feed(value);
    }
  } catch (error) {
    if (error instanceof DOMException && ["AbortError", "TimeoutError"].includes(error.name)) throw error;
    throw new Interrupted("the answer broke off", { cause: error });
  }
  if (!answer) throw new Interrupted("the answer ended early");
  void reader.cancel().catch(() => undefined);
  return answer;
}

/** Lets the gateway forget a conversation. Throws Refused, or what `fetch` throws. */
export async function forget(sessionId: string): Promise<void> {
  await body(api.DELETE("/api/chatbot/{session_id}", { params: { path: { session_id: sessionId } } }));
}

/** The same for somebody who is leaving: with the token that they still have, and not for long. */
export function forgetWith(token: string, sessionId: string): Promise<Response> {
  return send(
    new Request(address(`/api/chatbot/${sessionId}`), {
      method: "DELETE",
      headers: { Authorization: `Bearer ${token}` },
      keepalive: true,
      signal: AbortSignal.timeout(FAREWELL_MS),
    }),
  );
}
