import { BASE_URL, send } from "../api/fetch";
import type { components } from "../api/schema";

type Tokens = components["schemas"]["TokenPair"];

const RENEW_BEFORE_MS = 30_000;

/**
 * Who is signed in, in this page's memory alone: a reload asks for the password again, and no script of another page
 * or a later one finds a token.
 */
export class Session {
  private tokens: Tokens | null = null;
  private endsAt = 0;
  private renewal: Promise<void> | null = null;
  private readonly listeners = new Set<() => void>();

  /** For React's `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly active = (): boolean => this.tokens !== null;

  /** False when name or password are wrong. Throws what `fetch` throws. */
  async start(username: string, password: string): Promise<Response> {
    const response = await post("/api/token", { username, password });
    if (response.ok) this.keep((await response.json()) as Tokens);
    return response;
  }

  /** An access token that holds for a while; renewed once, however many ask. null when nobody is signed in. */
  async token(): Promise<string | null> {
    if (this.tokens && Date.now() > this.endsAt - RENEW_BEFORE_MS) {
      this.renewal ??= this.renew().finally(() => (this.renewal = null));
      await this.renewal;
    }
    return this.tokens?.access_token ?? null;
  }

  /** Here, and at the gateway as well as it goes. */
  async leave(): Promise<void> {
    const token = this.tokens?.access_token;
    this.end();
    if (!token) return;
    const request = new Request(address("/api/logout"), { method: "POST", headers: { Authorization: `Bearer ${token}` } });
    await send(request).catch(() => undefined);
  }

  end(): void {
    this.tokens = null;
    this.tell();
  }

  private async renew(): Promise<void> {
    if (!this.tokens) return;
    const response = await post("/api/token/refresh", { refresh_token: this.tokens.refresh_token });
    if (response.ok) this.keep((await response.json()) as Tokens);
    else if (response.status === 401) this.end();
  }

  private keep(tokens: Tokens): void {
    this.tokens = tokens;
    this.endsAt = Date.now() + tokens.expires_in * 1000;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

function address(path: string): URL {
  return new URL(`${BASE_URL}${path}`, location.origin);
}

function post(path: string, fields: Record<string, string>): Promise<Response> {
  return send(new Request(address(path), { method: "POST", body: new URLSearchParams(fields) }));
}

export const session = new Session();
