import { expect, it, vi } from "vitest";
import { Interrupted } from "../api/chat";
import { session } from "../session/session";
import { problem, signedIn } from "../test/answers";
import { ANSWER, delta, held, streamed, told, whole } from "../test/chat";
import { useChat } from "./chat";

const chat = () => useChat.getState();
const states = () => chat().turns.map(({ state }) => state);

/** Answers questions with `answer`, and notes which conversations were to be forgotten. */
async function serving(answer: (request: Request) => Response | Promise<Response>, forgets: () => Response = gone) {
  const forgotten: { id: string; authorization: string | null }[] = [];
  const asked = await signedIn({ "POST /api/chatbot": answer, "DELETE /api/session": gone });
  const others = asked.getMockImplementation();
  asked.mockImplementation(async (input, init) => {
    const request = input as Request;
    const id = /^\/api\/chatbot\/(\w+)$/.exec(new URL(request.url).pathname)?.[1];
    if (!id || request.method !== "DELETE") return (await others?.(input, init)) as Response;
    forgotten.push({ id, authorization: request.headers.get("Authorization") });
    return forgets();
  });
  return forgotten;
}

function gone(): Response {
  return new Response(null, { status: 204 });
}

it("asks one question at a time, within one conversation", async () => {
  const bodies: { session_id: string }[] = [];
  const slow = held();
  await serving(async (request) => {
    bodies.push((await request.json()) as { session_id: string });
    return bodies.length === 1 ? slow.response : told(ANSWER);
  });
  const first = chat().ask("first");
  await chat().ask("second, too early");
  await vi.waitFor(() => expect(bodies).toHaveLength(1));
  slow.send(whole(ANSWER));
  await first;
  await chat().ask("second");
  expect(chat().turns.map(({ question }) => question)).toEqual(["first", "second"]);
  expect(states()).toEqual(["done", "done"]);
  expect(new Set(bodies.map(({ session_id }) => session_id))).toEqual(new Set([chat().id]));
});

it("stops a question in flight, keeps what had arrived, and takes nothing that comes later", async () => {
  const slow = held();
  let request: Request | null = null;
  await serving((asked) => ((request = asked), slow.response));
  const asking = chat().ask("long");
  await vi.waitFor(() => expect(request).not.toBeNull());
  slow.send(delta("Only the beg"));
  await vi.waitFor(() => expect(chat().turns[0]?.text).toBe("Only the beg"));
  chat().stop();
  expect((request as Request | null)?.signal.aborted).toBe(true);
  slow.send(whole(ANSWER));
  await asking;
  expect(chat().turns[0]).toMatchObject({ state: "stopped", text: "Only the beg", answer: null });
});

it("can stop a question that waits for a sign-in, and never sends it", async () => {
  const sent = vi.fn(() => told(ANSWER));
  await serving(sent);
  session.refused(await session.token());
  const asking = chat().ask("waits");
  chat().stop();
  expect(states()).toEqual(["stopped"]);
  await session.start("ada", "a long password");
  await asking;
  expect(sent).not.toHaveBeenCalled();
  expect(states()).toEqual(["stopped"]);
});

it("keeps the conversation while the session has ended, and goes on with it", async () => {
  await serving(() => told(ANSWER));
  await chat().ask("before");
  session.refused(await session.token());
  const asking = chat().ask("after");
  await session.start("ada", "a long password");
  await asking;
  expect(states()).toEqual(["done", "done"]);
});

it("keeps a question that failed, and asks it again as the newest", async () => {
  let fails = true;
  await serving(() => (fails ? streamed([delta("Mig")]) : told(ANSWER)));
  await chat().ask("first");
  expect(chat().turns[0]).toMatchObject({ state: "failed", question: "first", text: "Mig" });
  expect(chat().turns[0]?.error).toBeInstanceOf(Interrupted);
  fails = false;
  await chat().ask("second");
  await chat().again(chat().turns[0]?.id ?? "");
  expect(chat().turns.map(({ question, state }) => [question, state])).toEqual([
    ["second", "done"],
    ["first", "done"],
  ]);
});

it("notes until when the gateway wants no question", async () => {
  await serving(() => problem(429, "RATE_LIMITED", { "Retry-After": "30" }));
  await chat().ask("too many");
  expect(chat().notBefore - Date.now()).toBeGreaterThan(28_000);
});

it("says that the conversation is not remembered, until it is again", async () => {
  let isAway = true;
  await serving(() => told(ANSWER, isAway ? { "X-Session-Memory": "unavailable" } : {}));
  await chat().ask("one");
  expect(chat().isRemembered).toBe(false);
  isAway = false;
  await chat().ask("two");
  expect(chat().isRemembered).toBe(true);
});

it("begins anew: under another name, with the old one forgotten, and what is typed kept", async () => {
  const forgotten = await serving(() => told(ANSWER));
  await chat().ask("one");
  const { id } = chat();
  chat().setDraft("half-ty");
  await chat().anew();
  expect(forgotten.map((one) => one.id)).toEqual([id]);
  expect(chat()).toMatchObject({ turns: [], draft: "half-ty", unforgotten: [], forgetError: null });
  expect(chat().id).not.toBe(id);
});

it("stops what is in flight when it begins anew", async () => {
  const slow = held();
  const forgotten = await serving(() => slow.response);
  const asking = chat().ask("long");
  const { id } = chat();
  await chat().anew();
  slow.send(whole(ANSWER));
  await asking;
  expect(chat().turns).toEqual([]);
  expect(forgotten.map((one) => one.id)).toEqual([id]);
});

it("asks the gateway for nothing when nothing was said", async () => {
  const forgotten = await serving(() => told(ANSWER));
  await chat().anew();
  expect(forgotten).toEqual([]);
});

it("remembers what the gateway did not forget, and tries again when told to", async () => {
  let isDown = true;
  await serving(
    () => told(ANSWER),
    () => (isDown ? problem(503, "MODEL_UNAVAILABLE") : gone()),
  );
  await chat().ask("one");
  const { id } = chat();
  await chat().anew();
  expect(chat().unforgotten).toEqual([id]);
  expect(chat().forgetError).toMatchObject({ code: "MODEL_UNAVAILABLE" });
  isDown = false;
  await chat().forget();
  expect(chat()).toMatchObject({ unforgotten: [], forgetError: null });
});

it("is gone after the sign-out, at the gateway, too", async () => {
  const forgotten = await serving(() => told(ANSWER));
  await chat().ask("one");
  chat().setDraft("half-ty");
  const { id } = chat();
  await session.leave();
  expect(forgotten).toEqual([{ id, authorization: "Bearer access-one" }]);
  expect(chat()).toMatchObject({ turns: [], draft: "" });
  expect(chat().id).not.toBe(id);
});

it("is gone after the sign-out, whether the gateway answers or not", async () => {
  await serving(() => told(ANSWER), () => problem(503, "MODEL_UNAVAILABLE"));
  await chat().ask("one");
  await session.leave();
  expect(chat()).toMatchObject({ turns: [], unforgotten: [] });
  expect(session.current()).toBe("signedOut");
});
