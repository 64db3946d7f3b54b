import { IS_ELSEWHERE, address, send } from "../api/fetch";

/** What a sign-in gives; `expires_in` in seconds. */
export interface Opened {
  access_token: string;
  expires_in: number;
}

/** How a session is opened, renewed and ended. All throw what `fetch` throws. */
export interface Transport {
  /** Whether it can go on after the page was loaded anew. */
  readonly outlivesReload: boolean;
  open(username: string, password: string): Promise<Response>;
  renew(): Promise<Response>;
  close(accessToken: string): Promise<unknown>;
}

/** The token that renews lies in a cookie that no script can read; the header is one that no other site can send. */
export class CookieTransport implements Transport {
  readonly outlivesReload = true;

  open(username: string, password: string): Promise<Response> {
    return this.ask("/api/session", "POST", new URLSearchParams({ username, password }));
  }

  renew(): Promise<Response> {
    return this.ask("/api/session/refresh", "POST");
  }

  close(): Promise<Response> {
    return this.ask("/api/session", "DELETE", null, { keepalive: true }); // the tab may be closed at once
  }

  private ask(path: string, method: string, body: URLSearchParams | null = null, options: RequestInit = {}): Promise<Response> {
    return send(new Request(address(path), { ...options, method, body, headers: { "X-DoctorAI-Page": "1" } }));
  }
}

/** For a gateway at another address (VITE_API_URL): the token that renews is in this page's memory. */
export class TokenTransport implements Transport {
  readonly outlivesReload = false;
  private refreshToken = "";

  async open(username: string, password: string): Promise<Response> {
    return this.keep(await post("/api/token", { username, password }));
  }

  async renew(): Promise<Response> {
    return this.keep(await post("/api/token/refresh", { refresh_token: this.refreshToken }));
  }

  close(accessToken: string): Promise<Response> {
    const headers = { Authorization: `Bearer ${accessToken}` };
    return send(new Request(address("/api/logout"), { method: "POST", headers, keepalive: true }));
  }

  private async keep(response: Response): Promise<Response> {
    if (response.ok) {
      const pair = (await response.clone().json()) as { refresh_token: string };
      this.refreshToken = pair.refresh_token;
    }
    return response;
  }
}

function post(path: string, fields: Record<string, string>): Promise<Response> {
  return send(new Request(address(path), { method: "POST", body: new URLSearchParams(fields) }));
}

export const transport: Transport = IS_ELSEWHERE ? new TokenTransport() : new CookieTransport();
