import { expect, it, vi } from "vitest";
import { problem, signedIn } from "../test/answers";
import { ANSWER, ARABIC, delta, streamed, told, whole } from "../test/chat";
import { Interrupted, ask, forget } from "./chat";
import { Refused } from "./client";

const SESSION = "a".repeat(32);

function question(onText: (text: string) => void = () => undefined, signal = new AbortController().signal) {
  return ask({ message: "What is migraine?", sessionId: SESSION, signal, onText });
}

async function answering(response: () => Response | Promise<Response>) {
  return signedIn({ "POST /api/chatbot": response });
}

it("gives the text as it arrives, then the answer", async () => {
  await answering(() => streamed([delta("Migraine\n\nSymptoms: "), delta("a headache."), whole(ANSWER)]));
  const texts: string[] = [];
  expect(await question((text) => texts.push(text))).toEqual({ answer: ANSWER, isRemembered: true });
  expect(texts).toEqual(["Migraine\n\nSymptoms: ", "Migraine\n\nSymptoms: a headache."]);
});

it("puts together what the network has cut anywhere, within a letter, too", async () => {
  const bytes = new TextEncoder().encode(delta(ARABIC.response) + whole(ARABIC));
  await answering(() => streamed(Array.from(bytes, (byte) => Uint8Array.of(byte))));
  const onText = vi.fn();
  expect((await question(onText)).answer).toEqual(ARABIC);
  expect(onText).toHaveBeenLastCalledWith(ARABIC.response);
});

it("names the conversation, and asks for events", async () => {
  const asked = await answering(() => told(ANSWER));
  await question();
  const request = asked.mock.calls.at(-1)?.[0] as Request;
  expect(request.headers.get("Accept")).toBe("text/event-stream");
  expect(await request.clone().json()).toEqual({ message: "What is migraine?", session_id: SESSION });
});

it("tells an answer that ended early", async () => {
  await answering(() => streamed([delta("Migraine")]));
  await expect(question()).rejects.toBeInstanceOf(Interrupted);
});

it("tells a connection that broke, with what had arrived", async () => {
  await answering(() => streamed([delta("Migraine")], {}, new TypeError("network error")));
  const onText = vi.fn();
  await expect(question(onText)).rejects.toBeInstanceOf(Interrupted);
  expect(onText).toHaveBeenCalledWith("Migraine");
});

it("takes an answer that is whole, whatever becomes of the connection", async () => {
  await answering(() => streamed([whole(ANSWER)], {}, new TypeError("network error")));
  expect((await question()).answer).toEqual(ANSWER);
});

it("says when the conversation is not remembered", async () => {
  await answering(() => told(ANSWER, { "X-Session-Memory": "unavailable" }));
  expect((await question()).isRemembered).toBe(false);
});

it("says why it was refused, and until when", async () => {
  await answering(() => problem(429, "RATE_LIMITED", { "Retry-After": "7" }));
  const error = await question().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(Refused);
  expect(error).toMatchObject({ code: "RATE_LIMITED", retryAfter: 7 });
});

it("throws when the gateway does not forget", async () => {
  await signedIn({ [`DELETE /api/chatbot/${SESSION}`]: () => problem(503, "MODEL_UNAVAILABLE") });
  await expect(forget(SESSION)).rejects.toMatchObject({ code: "MODEL_UNAVAILABLE" });
});
