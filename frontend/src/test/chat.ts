import type { ChatAnswer } from "../api/client";

export const ANSWER: ChatAnswer = {
  request_id: "r",
  session_id: "s".repeat(32),
  response: "Migraine\n\nSymptoms: A throbbing headache.",
  language: "en",
  kind: "answer",
  confidence: 0.98,
  red_flag: false,
  urgency: "routine",
  sources: [{ title: "Migraine", topic: "migraine", reference: "NHS: Migraine" }],
  generated: false,
  disclaimer: "For education and research only.",
  model_version: "1.0.0",
  instance: "i",
  timing_ms: 1,
  timestamp: "2026-01-01T00:00:00Z",
};

export const EMERGENCY: ChatAnswer = {
  ...ANSWER,
  response: "This sounds like a medical emergency.",
  kind: "emergency",
  confidence: 1,
  red_flag: true,
  urgency: "emergency",
  sources: [],
};

export const ARABIC: ChatAnswer = {
  ...ANSWER,
  response: "الصداع النصفي\n\nالأعراض: صداع نابض.",
  language: "ar",
  sources: [{ title: "الصداع النصفي", topic: "migraine", reference: "NHS: Migraine" }],
  disclaimer: "للتعليم والبحث فقط.",
};

/** An answer as the gateway sends it: its pieces, and all of it. */
export function told(answer: ChatAnswer, headers: Record<string, string> = {}): Response {
  return streamed([delta(answer.response), whole(answer)], headers);
}

export function delta(text: string): string {
  return `event: delta\n${text.split("\n").map((line) => `data: ${line}\n`).join("")}\n`;
}

export function whole(answer: ChatAnswer): string {
  return `event: answer\ndata: ${JSON.stringify(answer)}\n\n`;
}

/** These chunks one after the other; then the end, or `broken`. */
export function streamed(chunks: (string | Uint8Array)[], headers: Record<string, string> = {}, broken?: Error): Response {
  const encoder = new TextEncoder();
  const left = [...chunks];
  const stream = new ReadableStream<Uint8Array>({
    pull(controller) {
      const chunk = left.shift();
      if (chunk !== undefined) controller.enqueue(typeof chunk === "string" ? encoder.encode(chunk) : chunk);
      else if (broken) controller.error(broken);
      else controller.close();
    },
  });
  return new Response(stream, { headers: { "Content-Type": "text/event-stream", ...headers } });
}

/** An answer that comes when the test says so: `send` more of it, then `end` it. */
export function held(): { response: Response; send: (chunk: string) => void; end: () => void } {
  let control: ReadableStreamDefaultController<Uint8Array> | null = null;
  const stream = new ReadableStream<Uint8Array>({ start: (controller) => void (control = controller) });
  return {
    response: new Response(stream, { headers: { "Content-Type": "text/event-stream" } }),
    send: (chunk) => control?.enqueue(new TextEncoder().encode(chunk)),
    end: () => control?.close(),
  };
}
