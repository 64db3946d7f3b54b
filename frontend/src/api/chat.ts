import { EventSourceParserStream } from "eventsource-parser/stream";
import { type ChatAnswer, type Problem, api, refusal } from "./client";

export interface Question {
  message: string;
  sessionId: string | null;
  signal: AbortSignal;
  /** Gets the answer's text so far, each time that more of it arrives. */
  onText: (text: string) => void;
}

/** What the chatbot says. Throws Refused when the gateway says no; an AbortError when it was stopped. */
export async function ask({ message, sessionId, signal, onText }: Question): Promise<ChatAnswer> {
  const { data, error, response } = await api.POST("/api/chatbot", {
    body: sessionId ? { message, session_id: sessionId } : { message },
    headers: { Accept: "text/event-stream" },
    parseAs: "stream",
    signal,
  });
  if (!data) throw refusal(response, error as Partial<Problem>);
  const events = (data as ReadableStream<Uint8Array>)
    .pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>)
    .pipeThrough(new EventSourceParserStream());
  let text = "";
  let answer: ChatAnswer | null = null;
  for await (const event of events as unknown as AsyncIterable<{ event?: string; data: string }>) {
    if (event.event === "delta") onText((text += event.data));
    if (event.event === "answer") answer = JSON.parse(event.data) as ChatAnswer;
  }
  if (!answer) throw new Error("the answer ended early");
  return answer;
}
