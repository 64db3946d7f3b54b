import { describe, expect, it, vi } from "vitest";
import { serve, tokens } from "../test/answers";
import { Session } from "./session";

describe("a session", () => {
  it("renews its token once, however many ask", async () => {
    const fetch = serve({ "/api/token": () => tokens("one", 1), "/api/token/refresh": () => tokens("two") });
    const session = new Session();
    await session.start("ada", "a password");
    expect(await Promise.all([session.token(), session.token()])).toEqual(["access-two", "access-two"]);
    expect(fetch).toHaveBeenCalledTimes(2);
  });

  it("ends when the refresh token is refused, and says so", async () => {
    serve({ "/api/token": () => tokens("one", 1), "/api/token/refresh": () => new Response(null, { status: 401 }) });
    const session = new Session();
    await session.start("ada", "a password");
    const told = vi.fn();
    session.subscribe(told);
    expect(await session.token()).toBeNull();
    expect(session.active()).toBe(false);
    expect(told).toHaveBeenCalled();
  });

  it("outlives a gateway that is away for a moment", async () => {
    serve({ "/api/token": () => tokens("one", 1), "/api/token/refresh": () => new Response(null, { status: 503 }) });
    const session = new Session();
    await session.start("ada", "a password");
    expect(await session.token()).toBe("access-one");
  });

  it("keeps nothing where another page could find it", async () => {
    serve({ "/api/token": () => tokens("one") });
    await new Session().start("ada", "a password");
    expect(localStorage.length + sessionStorage.length).toBe(0);
    expect(document.cookie).toBe("");
  });
});
