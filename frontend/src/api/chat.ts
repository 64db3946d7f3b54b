import { EventSourceParserStream } from "eventsource-parser/stream";
import { type ChatAnswer, api, refusal } from "./client";

/**
 * Asks the chatbot; `onText` gets the answer's text so far, each time that more of it arrives.
 * Throws Refused when the gateway says no.
 */
export async function ask(
  message: string,
  sessionId: string | null,
  onText: (text: string) => void,
): Promise<ChatAnswer> {
  const { data, error, response } = await api.POST("/api/chatbot", {
    body: sessionId ? { message, session_id: sessionId } : { message },
    headers: { Accept: "text/event-stream" },
    parseAs: "stream",
  });
  if (!data) throw refusal(response, error);
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
