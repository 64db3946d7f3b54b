import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { opened, problem, serve } from "../test/answers";
import { later } from "../test/later";
import { authorized } from "../api/client";
import { Session, SignedOut, session } from "./session";
import { CookieTransport, TokenTransport } from "./transport";

const HELD_MS = 1_800_000;
let fresh: Session;

beforeEach(() => {
  fresh = new Session(new CookieTransport());
});

it("renews the access token once, however many ask", async () => {
  vi.useFakeTimers();
  let renewed = 0;
  serve({ "/api/session": () => opened("one"), "/api/session/refresh": () => opened(`renewed-${(renewed += 1)}`) });
  await fresh.start("ada", "a long password");
  expect(await fresh.token()).toBe("access-one");
  vi.setSystemTime(Date.now() + HELD_MS);
  expect(await Promise.all([fresh.token(), fresh.token(), fresh.token()])).toEqual(Array(3).fill("access-renewed-1"));
});

it("says in each request that it is this page's", async () => {
  const asked = serve({ "/api/session": () => opened() });
  await fresh.start("ada", "a long password");
  expect((asked.mock.calls[0]?.[0] as Request).headers.get("X-DoctorAI-Page")).toBe("1");
});

it("keeps no token where a script could find it later", async () => {
  serve({ "/api/session": () => opened("secret") });
  await fresh.start("ada", "a long password");
  expect(JSON.stringify({ ...localStorage }) + JSON.stringify({ ...sessionStorage }) + document.cookie).not.toContain("secret");
});

it("goes on after a reload", async () => {
  serve({ "/api/session": () => opened("one"), "/api/session/refresh": () => opened("two") });
  await fresh.start("ada", "a long password");
  const reloaded = new Session(new CookieTransport());
  await reloaded.resume();
  expect(reloaded.current()).toBe("signedIn");
  expect(await reloaded.token()).toBe("access-two");
});

it("asks nothing at the start when nobody was signed in here", async () => {
  const asked = serve({});
  await fresh.resume();
  expect(asked).not.toHaveBeenCalled();
  expect(fresh.current()).toBe("signedOut");
});

it("lets requests wait when the session has ended, and sends them again once the person is back", async () => {
  let token = "one";
  serve({
    "/api/session": () => opened(token),
    "/api/session/refresh": () => problem(401, "UNAUTHORIZED"),
    "/api/me": (request) =>
      request.headers.get("Authorization") === "Bearer access-two" ? Response.json({ at: "last" }) : problem(401, "UNAUTHORIZED"),
  });
  await session.start("ada", "a long password");
  const answer = authorized(new Request("http://localhost/api/me", { method: "POST", body: "what was typed" }));
  await vi.waitFor(() => expect(session.current()).toBe("expired"));
  token = "two";
  await session.start("ada", "a long password");
  expect(await (await answer).json()).toEqual({ at: "last" });
});

it("lets nobody wait for one who has left, and forgets what was theirs", async () => {
  serve({ "/api/session": () => opened(), "/api/session/refresh": () => problem(401, "UNAUTHORIZED") });
  await fresh.start("ada", "a long password");
  const forget = vi.fn();
  fresh.onEnd(forget);
  fresh.refused(await fresh.token());
  const waiting = fresh.token();
  await vi.waitFor(() => expect(fresh.current()).toBe("expired"));
  fresh.forget();
  await expect(waiting).rejects.toBeInstanceOf(SignedOut);
  expect(forget).toHaveBeenCalledOnce();
});

it("goes on with the token that it has when the gateway cannot renew it just now", async () => {
  vi.useFakeTimers();
  serve({ "/api/session": () => opened("one"), "/api/session/refresh": () => problem(503, "SIGN_IN_UNAVAILABLE") });
  await fresh.start("ada", "a long password");
  vi.setSystemTime(Date.now() + HELD_MS - 10_000);
  expect(await fresh.token()).toBe("access-one");
  expect(fresh.current()).toBe("signedIn");
});

it("does not come back when somebody leaves while the token is renewed", async () => {
  vi.useFakeTimers();
  let answer: (response: Response) => void = () => undefined;
  serve({
    "POST /api/session": () => opened("one"),
    "DELETE /api/session": () => new Response(null, { status: 204 }),
    "/api/session/refresh": () => new Promise<Response>((resolve) => (answer = resolve)),
  });
  await fresh.start("ada", "a long password");
  vi.setSystemTime(Date.now() + HELD_MS);
  const token = fresh.token();
  await vi.waitFor(() => expect(fresh.current()).toBe("signedIn"));
  const left = fresh.leave();
  answer(opened("two"));
  await expect(token).rejects.toBeInstanceOf(SignedOut);
  await left;
  expect(fresh.current()).toBe("signedOut");
});

it("lets others say goodbye with the token, before the session is closed and after all is forgotten here", async () => {
  const order: string[] = [];
  serve({
    "POST /api/session": () => opened("one"),
    "DELETE /api/session": () => (order.push("closed"), new Response(null, { status: 204 })),
  });
  await fresh.start("ada", "a long password");
  fresh.onLeave(async (token) => {
    order.push(await token);
    order.push(fresh.current());
    throw new Error("the goodbye was not heard");
  });
  await fresh.leave();
  expect(order).toEqual(["access-one", "signedOut", "closed"]);
});

/** An access token of this person. */
function tokenOf(person: string): Response {
  return opened(`.${btoa(JSON.stringify({ sub: person })).replaceAll("=", "")}.`);
}

it("leaves when another tab has signed in somebody else, and sends nothing of the one for the other", async () => {
  vi.useFakeTimers();
  const asked = serve({ "/api/session": () => tokenOf("ann"), "/api/session/refresh": () => tokenOf("bob") });
  await fresh.start("ann", "a long password");
  const forget = vi.fn();
  fresh.onEnd(forget);
  vi.setSystemTime(Date.now() + HELD_MS);
  await expect(fresh.token()).rejects.toBeInstanceOf(SignedOut);
  expect(fresh.current()).toBe("signedOut");
  expect(forget).toHaveBeenCalledOnce();
  expect(asked).toHaveBeenCalledTimes(2);
});

describe("two tabs", () => {
  let channels: BroadcastChannel[];
  let tab: Session;

  beforeEach(() => {
    channels = [new BroadcastChannel("tabs"), new BroadcastChannel("tabs")];
    [fresh, tab] = channels.map((channel) => new Session(new CookieTransport(), channel)) as [Session, Session];
  });
  afterEach(() => channels.forEach((channel) => channel.close()));

  it("leaves at once when another signs in somebody else, and not when it is the same person", async () => {
    let person = "ann";
    serve({ "/api/session": () => tokenOf(person) });
    await fresh.start("ann", "a long password");
    const forget = vi.fn();
    fresh.onEnd(forget);
    await tab.start("ann", "a long password");
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fresh.current()).toBe("signedIn");
    person = "bob";
    await tab.start("bob", "a long password");
    await vi.waitFor(() => expect(fresh.current()).toBe("signedOut"));
    expect(forget).toHaveBeenCalledOnce();
    expect(tab.current()).toBe("signedIn");
    expect(localStorage.getItem("doctorai.session")).toBe("1");
  });

  it("goes on when the session has ended and the same person signs in in the other", async () => {
    let isOver = true;
    serve({
      "/api/session": () => tokenOf("ann"),
      "/api/session/refresh": () => (isOver ? problem(401, "UNAUTHORIZED") : tokenOf("ann")),
    });
    await fresh.start("ann", "a long password");
    fresh.refused(await fresh.token());
    await vi.waitFor(() => expect(fresh.current()).toBe("expired"));
    await tab.start("ann", "a long password"); // news of one whose renewal is refused yet
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fresh.current()).toBe("expired");
    isOver = false;
    await tab.start("ann", "a long password");
    await vi.waitFor(() => expect(fresh.current()).toBe("signedIn"));
  });

  it("does not come back when the other leaves while this one is loaded", async () => {
    const answer = later<Response>();
    const renew = vi.fn(() => answer.promise);
    serve({
      "/api/session": (request) => (request.method === "POST" ? tokenOf("ann") : new Response(null, { status: 204 })),
      "/api/session/refresh": renew,
    });
    await fresh.start("ann", "a long password");
    const resumed = tab.resume();
    await vi.waitFor(() => expect(renew).toHaveBeenCalled());
    await fresh.leave();
    await vi.waitFor(() => expect(tab.current()).toBe("signedOut"));
    answer.resolve(tokenOf("ann"));
    await resumed;
    expect([tab.current(), localStorage.getItem("doctorai.session")]).toEqual(["signedOut", null]);
  });

  it("goes on when the other leaves a session of its own", async () => {
    const [own, others] = channels.map((channel) => new Session(new TokenTransport(), channel)) as [Session, Session];
    const pair = (token: string) => Response.json({ access_token: token, refresh_token: token, expires_in: 1800 });
    serve({ "/api/token": () => pair("ann"), "/api/logout": () => new Response(null, { status: 204 }) });
    for (const one of [own, others]) await one.start("ann", "a long password");
    const told = vi.spyOn(channels[1] as BroadcastChannel, "postMessage");
    await others.leave();
    expect(told).not.toHaveBeenCalled();
    channels[1]?.postMessage({ person: null }); // of a page from before
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(own.current()).toBe("signedIn");
  });

  it("leaves when the other does", async () => {
    serve({ "/api/session": (request) => (request.method === "POST" ? tokenOf("ann") : new Response(null, { status: 204 })) });
    for (const one of [fresh, tab]) await one.start("ann", "a long password");
    await tab.leave();
    await vi.waitFor(() => expect(fresh.current()).toBe("signedOut"));
  });
});

it("goes on with the work of the same person only, also when the page was loaded anew since", async () => {
  let person = "ann";
  serve({
    "/api/session": () => tokenOf(person),
    "/api/session/refresh": () => (person === "ann" ? tokenOf("ann") : problem(401, "UNAUTHORIZED")),
  });
  localStorage.setItem("doctorai.session", "1");
  await fresh.resume();
  const forget = vi.fn();
  fresh.onEnd(forget);
  person = "bob";
  fresh.refused(await fresh.token());
  await vi.waitFor(() => expect(fresh.current()).toBe("expired"));
  const waiting = fresh.token();
  waiting.catch(() => undefined);
  await fresh.start("bob", "a long password");
  await expect(waiting).rejects.toBeInstanceOf(SignedOut);
  expect(forget).toHaveBeenCalledOnce();
  expect([fresh.current(), fresh.username]).toEqual(["signedIn", "bob"]);
});

it("renews a token that is refused, and asks for no password where that helps", async () => {
  serve({ "/api/session": () => opened("one"), "/api/session/refresh": () => opened("two") });
  await fresh.start("ada", "a long password");
  fresh.refused("access-one");
  expect(await fresh.token()).toBe("access-two");
  expect(fresh.current()).toBe("signedIn");
});

it("asks for the password when the gateway refuses also what it has just renewed", async () => {
  let renewed = 0;
  serve({
    "/api/session": () => opened("one"),
    "/api/session/refresh": () => opened(`renewed-${(renewed += 1)}`),
    "/api/me": () => problem(401, "UNAUTHORIZED"),
  });
  await session.start("ada", "a long password");
  authorized(new Request("http://localhost/api/me")).catch(() => undefined);
  await vi.waitFor(() => expect(session.current()).toBe("expired"));
  expect(renewed).toBe(1);
});

it("says why the session cannot be renewed, and asks for no password for that", async () => {
  vi.useFakeTimers();
  serve({ "/api/session": () => opened("one"), "/api/session/refresh": () => problem(503, "SIGN_IN_UNAVAILABLE") });
  await fresh.start("ada", "a long password");
  vi.setSystemTime(Date.now() + HELD_MS + 1_000);
  await expect(fresh.token()).rejects.toMatchObject({ code: "SIGN_IN_UNAVAILABLE", status: 503 });
  expect(fresh.current()).toBe("signedIn");
});

it("goes on by itself when the gateway answers again after a reload", async () => {
  vi.useFakeTimers();
  localStorage.setItem("doctorai.session", "1");
  const answers = [() => Promise.reject(new TypeError("down")), () => problem(502, "BAD_GATEWAY"), () => opened("two")];
  serve({ "/api/session/refresh": () => answers.shift()?.() ?? problem(401, "UNAUTHORIZED") });
  const resumed = fresh.resume();
  await vi.advanceTimersByTimeAsync(500);
  expect([fresh.current(), localStorage.getItem("doctorai.session")]).toEqual(["starting", "1"]);
  await vi.advanceTimersByTimeAsync(5_000);
  await resumed;
  expect(fresh.current()).toBe("signedIn");
});

it("forgets that somebody was here only when the gateway says so", async () => {
  localStorage.setItem("doctorai.session", "1");
  serve({ "/api/session/refresh": () => problem(401, "UNAUTHORIZED") });
  await fresh.resume();
  expect([fresh.current(), localStorage.getItem("doctorai.session")]).toEqual(["signedOut", null]);
});

it("renews the token for the goodbye when it has ended meanwhile", async () => {
  vi.useFakeTimers();
  const closed = vi.fn(() => new Response(null, { status: 204 }));
  serve({ "POST /api/session": () => opened("one"), "DELETE /api/session": closed, "/api/session/refresh": () => opened("two") });
  await fresh.start("ada", "a long password");
  const heard: string[] = [];
  fresh.onLeave(async (token) => heard.push(await token));
  vi.setSystemTime(Date.now() + HELD_MS + 1_000);
  const left = fresh.leave();
  expect(fresh.current()).toBe("signedOut");
  await left;
  expect(heard).toEqual(["access-two"]);
  expect(closed).toHaveBeenCalledOnce();
});

it("waits for the goodbye's token no longer than two seconds", async () => {
  vi.useFakeTimers();
  const closed = vi.fn(() => new Response(null, { status: 204 }));
  serve({
    "POST /api/session": () => opened("one"),
    "DELETE /api/session": closed,
    "/api/session/refresh": () => new Promise<Response>(() => undefined),
  });
  await fresh.start("ada", "a long password");
  const heard: string[] = [];
  fresh.onLeave(async (token) => heard.push(await token));
  vi.setSystemTime(Date.now() + HELD_MS + 1_000);
  const left = fresh.leave();
  await vi.advanceTimersByTimeAsync(2_000);
  await left;
  expect(heard).toEqual([""]);
  expect(closed).toHaveBeenCalledOnce();
});
