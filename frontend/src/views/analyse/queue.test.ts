import { beforeEach, expect, it, vi } from "vitest";
import { type Prediction, Refused } from "../../api/client";
import type { Progress } from "../../api/upload";
import { SignedOut } from "../../session/session";
import { useAnalyses } from "../../stores/analyses";
import { PREDICTION } from "../../test/answers";
import { later } from "../../test/later";
import { Queue } from "./queue";

interface Sending extends Progress {
  name: string;
  model: string;
  answer: (prediction?: Prediction) => void;
  fail: (error: unknown) => void;
}

let sendings: Sending[];
let queue: Queue;

beforeEach(() => {
  vi.useFakeTimers();
  sendings = [];
  queue = new Queue((model, _, name, progress) => {
    const { promise, resolve, reject } = later<Prediction>();
    sendings.push({ ...progress, name, model, answer: (prediction = PREDICTION) => resolve(prediction), fail: reject });
    return promise;
  });
});

const items = () => useAnalyses.getState().items;
const states = () => items().map(({ state }) => state);
const settle = () => vi.advanceTimersByTimeAsync(0);
const id = (at: number) => items()[at]?.id ?? "";

function give(...names: string[]): void {
  useAnalyses.getState().add("tumor", names.map((name) => new File(["picture"], name)));
  queue.pump();
}

async function end(at: number, error?: unknown): Promise<void> {
  if (error) sendings[at]?.fail(error);
  else sendings[at]?.answer();
  await settle();
}

it("sends three at once, in the order in which they came", async () => {
  give("a", "b", "c", "d", "e");
  expect(sendings.map(({ name }) => name)).toEqual(["a", "b", "c"]);
  await end(1);
  expect(sendings.map(({ name }) => name)).toEqual(["a", "b", "c", "d"]);
  expect(states()).toEqual(["sending", "done", "sending", "sending", "waiting"]);
});

it("says how much was sent, then that the model computes", async () => {
  give("a");
  sendings[0]?.onSent?.(0.4);
  expect(items()[0]).toMatchObject({ state: "sending", sent: 0.4 });
  sendings[0]?.onSent?.(1);
  expect(states()).toEqual(["computing"]);
  await end(0);
  expect(items()[0]).toMatchObject({ state: "done", prediction: PREDICTION });
});

it("ends what is sent when it is cancelled, and goes on with the next", async () => {
  give("a", "b", "c", "d");
  queue.cancel(id(0));
  expect(sendings[0]?.signal.aborted).toBe(true);
  expect(states()).toEqual(["cancelled", "sending", "sending", "sending"]);
  await end(0, new DOMException("", "AbortError"));
  expect(states()[0]).toBe("cancelled");
});

it("never sends what was cancelled while it waited", async () => {
  give("a", "b", "c", "d");
  queue.cancel(id(3));
  await end(0);
  expect(sendings).toHaveLength(3);
  expect(states()[3]).toBe("cancelled");
});

it("cancels all without beginning another", () => {
  give("a", "b", "c", "d", "e");
  queue.cancelAll();
  expect(sendings).toHaveLength(3);
  expect(new Set(states())).toEqual(new Set(["cancelled"]));
});

it("keeps a result that was there before it was cancelled", async () => {
  give("a");
  await end(0);
  queue.cancel(id(0));
  expect(states()).toEqual(["done"]);
});

it.each(["OVERLOADED", "RATE_LIMITED"])("comes again when %s says so, and lets all others wait, too", async (code) => {
  give("a", "b", "c", "d");
  await end(0, new Refused(code, "", 503, null, 7));
  expect(states()).toEqual(["paused", "sending", "sending", "waiting"]);
  expect(items()[0]?.retryAt).toBe(Date.now() + 7000);
  await vi.advanceTimersByTimeAsync(6900);
  expect(sendings).toHaveLength(3);
  await vi.advanceTimersByTimeAsync(200);
  expect(sendings[3]?.name).toBe("a");
});

it("waits for a session that cannot be renewed as long as it takes, and counts that as no try", async () => {
  give("a");
  for (let at = 0; at < 10; at += 1) {
    await end(at, new Refused("SIGN_IN_UNAVAILABLE", "", 503));
    await vi.advanceTimersByTimeAsync(1000);
  }
  await end(10, new Refused("OVERLOADED", "", 503, null, 1));
  expect(states()).toEqual(["paused"]);
  await vi.advanceTimersByTimeAsync(1000);
  await end(11);
  expect(states()).toEqual(["done"]);
});

it("gives up in the end, and tries again when told to", async () => {
  give("a");
  for (let at = 0; at < 6; at += 1) {
    await end(at, new Refused("OVERLOADED", "", 503, null, 1));
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(states()).toEqual(["failed"]);
  expect(sendings).toHaveLength(6);
  queue.retry(id(0));
  await end(6);
  expect(states()).toEqual(["done"]);
});

it("cancels what is paused, for good", async () => {
  give("a");
  await end(0, new Refused("OVERLOADED", "", 503, null, 1));
  queue.cancel(id(0));
  await vi.advanceTimersByTimeAsync(5000);
  expect(states()).toEqual(["cancelled"]);
  expect(sendings).toHaveLength(1);
});

it("fails at once for what would be refused again", async () => {
  give("a", "b");
  await end(0, new Refused("INVALID_IMAGE", "", 400));
  await end(1);
  expect(states()).toEqual(["failed", "done"]);
});

it("waits for the network, and goes on when it is there", async () => {
  give("a", "b", "c", "d");
  await end(0, new TypeError("nobody answers"));
  await end(1);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(sendings).toHaveLength(3);
  queue.online();
  expect(sendings.slice(3).map(({ name }) => name)).toEqual(["a", "d"]);
});

it("goes on when the gateway answers again", async () => {
  give("a");
  await end(0, new TypeError("nobody answers"));
  queue.healthy({ tumor: true });
  expect(states()).toEqual(["sending"]);
});

it("waits for a model as long as it is down, and lets the others go on", async () => {
  give("a");
  useAnalyses.getState().add("xray", [new File(["picture"], "b")]);
  await end(0, new Refused("MODEL_UNAVAILABLE", "", 503));
  queue.pump();
  expect(sendings.at(-1)).toMatchObject({ name: "b", model: "xray" });
  for (let at = 0; at < 100; at += 1) {
    await vi.advanceTimersByTimeAsync(5000);
    queue.healthy({ tumor: false, xray: true });
  }
  expect(sendings).toHaveLength(2);
  queue.healthy({ tumor: true, xray: true });
  expect(sendings.at(-1)?.name).toBe("a");
});

it("does not ask for ever where health calls a model ready that refuses", async () => {
  give("a");
  for (let at = 0; at < 30; at += 1) {
    sendings.at(-1)?.fail(new Refused("MODEL_UNAVAILABLE", "", 503));
    await vi.advanceTimersByTimeAsync(5000);
    queue.healthy({ tumor: true });
  }
  expect(states()).toEqual(["failed"]);
  expect(sendings).toHaveLength(6);
});

it("lets an upload wait that the session's end holds up", async () => {
  give("a");
  await vi.advanceTimersByTimeAsync(600_000);
  expect(states()).toEqual(["sending"]);
  await end(0);
  expect(states()).toEqual(["done"]);
});

it("ends everything when somebody signs out", async () => {
  give("a", "b", "c", "d");
  useAnalyses.getState().clear();
  queue.clear();
  expect(sendings.every(({ signal }) => signal.aborted)).toBe(true);
  for (let at = 0; at < 3; at += 1) await end(at, new SignedOut());
  expect(items()).toEqual([]);
  expect(sendings).toHaveLength(3);
});

it("removes, and ends what was sent of it", () => {
  give("a");
  queue.remove(id(0));
  expect(sendings[0]?.signal.aborted).toBe(true);
  expect(items()).toEqual([]);
});
