import { type Opened, type Transport, transport } from "./transport";

const RENEW_BEFORE_MS = 30_000;
const HINT = "doctorai.session";

/** `expired`: somebody was signed in, and what they did waits for them. */
export type State = "starting" | "signedOut" | "signedIn" | "expired";

/** Nobody is signed in, and nobody is waited for. */
export class SignedOut extends Error {}

/**
 * Who is signed in. The access token is in this page's memory alone: no script of another page or a later one finds it.
 * When the session ends, requests wait in `token` until the same person has signed in again.
 */
export class Session {
  private access: { token: string; endsAt: number } | null = null;
  private state: State = "signedOut";
  private renewal: Promise<void> | null = null;
  private waiting: { go: () => void; giveUp: (why: Error) => void }[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly enders = new Set<() => void>();
  private readonly leavers = new Set<(token: string) => Promise<unknown>>();
  private readonly channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("doctorai.session");
  /** The name that was given at the sign-in; empty when the page was loaded anew since. */
  username = "";

  constructor(private readonly transport: Transport) {
    this.channel?.addEventListener("message", () => this.forget()); // signed out in another tab
  }

  /** For React's `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly current = (): State => this.state;

  /** `forget` is called when somebody has left, and nothing of theirs may stay. */
  onEnd(forget: () => void): () => void {
    this.enders.add(forget);
    return () => this.enders.delete(forget);
  }

  /** `work` is called when somebody signs out, with the token that they still have; it must end soon, and may fail. */
  onLeave(work: (token: string) => Promise<unknown>): () => void {
    this.leavers.add(work);
    return () => this.leavers.delete(work);
  }

  /** Goes on with a session that an earlier load of this page had. */
  async resume(): Promise<void> {
    if (this.state !== "signedOut" || !this.transport.outlivesReload || !localStorage.getItem(HINT)) return;
    this.turn("starting");
    try {
      await this.renew();
    } catch {
      // nobody answers: they sign in when somebody does
    }
    if (this.current() !== "signedIn") this.forget();
  }

  /** The gateway's answer: not `ok` when name or password are wrong, among others. Throws what `fetch` throws. */
  async start(username: string, password: string): Promise<Response> {
    const response = await this.transport.open(username, password);
    if (response.ok) {
      this.username = username;
      this.keep((await response.json()) as Opened);
    }
    return response;
  }

  /** An access token that holds for a while, renewed once, however many ask. Throws SignedOut. */
  async token(): Promise<string> {
    if (this.state === "expired") await this.regained();
    if (this.access && Date.now() > this.access.endsAt - RENEW_BEFORE_MS) {
      this.renewal ??= this.exclusively(() => this.renew()).finally(() => (this.renewal = null));
      await this.renewal.catch((error: unknown) => {
        if (!this.access || Date.now() > this.access.endsAt) throw error; // what there is holds a little longer
      });
      if (this.current() === "expired") await this.regained();
    }
    if (!this.access) throw new SignedOut();
    return this.access.token;
  }

  /** The gateway no longer takes `token`. */
  refused(token: string): void {
    if (this.access?.token !== token) return; // another is there already
    this.access = null;
    this.turn("expired");
  }

  /** Signs out: here at once, and at the gateway as well as it goes. */
  async leave(): Promise<void> {
    const token = this.access?.token ?? "";
    const works = token ? [...this.leavers].map((work) => work(token)) : []; // before anything is forgotten
    this.forget();
    this.channel?.postMessage("left");
    await Promise.allSettled(works);
    await this.transport.close(token).catch(() => undefined);
  }

  /** Ends it in this page, with all that is kept of it. */
  forget(): void {
    this.access = null;
    this.username = "";
    localStorage.removeItem(HINT);
    this.turn("signedOut");
    for (const one of this.waiting.splice(0)) one.giveUp(new SignedOut());
    for (const forget of this.enders) forget();
  }

  private async renew(): Promise<void> {
    const former = this.access;
    const response = await this.transport.renew();
    if (this.access !== former) return; // they have left, or signed in again
    if (response.ok) this.keep((await response.json()) as Opened);
    else if (response.status === 401 && former) this.refused(former.token);
  }

  /** One tab after the other, where the browser lets them: each renewal makes the former token void. */
  private async exclusively(work: () => Promise<void>): Promise<void> {
    const locks = navigator.locks as LockManager | undefined; // only over https, or on this machine
    await (locks ? locks.request("doctorai.session", work) : work());
  }

  private keep(opened: Opened): void {
    this.access = { token: opened.access_token, endsAt: Date.now() + opened.expires_in * 1000 };
    if (this.transport.outlivesReload) localStorage.setItem(HINT, "1");
    this.turn("signedIn");
    for (const one of this.waiting.splice(0)) one.go();
  }

  private regained(): Promise<void> {
    return new Promise((go, giveUp) => this.waiting.push({ go, giveUp }));
  }

  private turn(state: State): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export const session = new Session(transport);
