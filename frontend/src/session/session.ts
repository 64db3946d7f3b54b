import { type Problem, Refused, refusal } from "../api/refusal";
import { personOf } from "./person";
import { type Opened, type Transport, transport } from "./transport";

const RENEW_BEFORE_MS = 30_000;
const GOODBYE_MS = 2_000;
const RESUME_AFTER_MS = 1_000;
const RESUME_AT_MOST_MS = 15_000;
const HINT = "doctorai.session";
/** What tabs tell each other: whose the session that they share is now; null: nobody's. */
type News = { person: string | null };

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
  private renewal: Promise<Response> | null = null;
  /** Of whom the work in this page is, also while the session has ended; null: nobody's. */
  private person: string | null = null;
  private waiting: { go: () => void; giveUp: (why: Error) => void }[] = [];
  private readonly listeners = new Set<() => void>();
  private readonly enders = new Set<(wasIn: boolean) => void>();
  private readonly leavers = new Set<(token: Promise<string>) => Promise<unknown>>();
  /** The name that was given at the sign-in; empty when the page was loaded anew since. */
  username = "";
  /** Another one for each person: what one began is not sent for the next. */
  era = 0;

  /** `channel`: to the other tabs. */
  constructor(
    private readonly transport: Transport,
    private readonly channel: BroadcastChannel | null = null,
  ) {
    this.channel?.addEventListener("message", (news: MessageEvent<News>) => this.hear(news.data));
  }

  /** For React's `useSyncExternalStore`. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };
  readonly current = (): State => this.state;

  /**
   * `forget` is called when somebody has left, and nothing of theirs may stay; with whether this page knew them: what was
   * loaded after a session's end has been nobody's.
   */
  onEnd(forget: (wasIn: boolean) => void): () => void {
    this.enders.add(forget);
    return () => this.enders.delete(forget);
  }

  /**
   * `work` is called when somebody signs out, before what is theirs is forgotten here. The token that it is given is
   * renewed where that is needed, "" where it cannot be; it must end soon, and may fail.
   */
  onLeave(work: (token: Promise<string>) => Promise<unknown>): () => void {
    this.leavers.add(work);
    return () => this.leavers.delete(work);
  }

  /** Goes on with a session that an earlier load of this page had. */
  async resume(): Promise<void> {
    if (this.state !== "signedOut" || !this.transport.outlivesReload || !localStorage.getItem(HINT)) return;
    this.turn("starting");
    for (let tries = 0; this.current() === "starting"; tries += 1) {
      const isOver = await this.renew().then(
        () => true,
        (error: unknown) => error instanceof Refused && !isPassing(error),
      );
      if (isOver && this.current() === "starting") this.turn("signedOut");
      else if (this.current() === "starting") await pause(Math.min(RESUME_AFTER_MS * 2 ** tries, RESUME_AT_MOST_MS));
    }
  }

  /** The gateway's answer: not `ok` when name or password are wrong, among others. Throws what `fetch` throws. */
  async start(username: string, password: string): Promise<Response> {
    const response = await this.transport.open(username, password);
    if (response.ok) {
      const opened = (await response.json()) as Opened;
      if (this.isOther(opened)) this.forget();
      this.keep(opened);
      this.username = username;
      if (this.transport.outlivesReload) this.tell({ person: this.person });
    }
    return response;
  }

  /** An access token that holds for a while, renewed once, however many ask. Throws SignedOut, and why it was not renewed. */
  async token(era = this.era): Promise<string> {
    if (this.state === "expired") await this.regained();
    if (this.access && Date.now() > this.access.endsAt - RENEW_BEFORE_MS) {
      await this.renew().catch((error: unknown) => {
        if (!this.access || Date.now() > this.access.endsAt) throw error; // what there is holds a little longer
      });
      if (this.current() === "expired") await this.regained();
    }
    if (!this.access || era !== this.era) throw new SignedOut();
    return this.access.token;
  }

  /** The gateway no longer takes `token`: it is renewed, and only where that is refused the password is asked for. */
  refused(token: string): void {
    if (this.access?.token !== token) return; // another is there already
    this.access.endsAt = 0;
    void this.renew().catch(() => undefined); // who asks for a token is told
  }

  /** Nothing but the password helps when the gateway does not take `token`. */
  expire(token: string): void {
    if (this.access?.token !== token) return;
    this.access = null;
    this.turn("expired");
  }

  /** Signs out: here at once, and at the gateway as well as it goes. */
  async leave(): Promise<void> {
    const token = this.lastToken();
    const works = [...this.leavers].map((work) => work(token)); // before anything is forgotten
    this.forget();
    if (this.transport.outlivesReload) this.tell({ person: null });
    await Promise.allSettled(works);
    await this.transport.close(await token).catch(() => undefined);
  }

  /** Ends it in this page, with all that is kept of it. */
  forget(): void {
    const wasIn = this.person !== null;
    this.era += 1;
    this.access = null;
    this.person = null;
    this.username = "";
    localStorage.removeItem(HINT);
    this.turn("signedOut");
    for (const one of this.waiting.splice(0)) one.giveUp(new SignedOut());
    for (const forget of this.enders) forget(wasIn);
  }

  /** Throws when the gateway does not answer, or cannot say just now. */
  private async renew(): Promise<void> {
    const { era, access: former } = this;
    const response = await this.renewed();
    const said = (await response.json().catch(() => null)) as Opened | Partial<Problem> | null;
    if (era !== this.era || this.access !== former) return; // they have left, signed in again, or another call was first
    if (response.ok) this.goOn(said as Opened);
    else if (response.status !== 401) throw refusal(response, said as Partial<Problem> | null);
    else if (former) this.expire(former.token);
    else if (this.state !== "expired") this.forget();
  }

  /** One request, however many want it, and one tab after the other: each renewal makes the former token void. */
  private async renewed(): Promise<Response> {
    this.renewal ??= this.exclusively(() => this.transport.renew()).finally(() => (this.renewal = null));
    return (await this.renewal).clone();
  }

  private async exclusively<Result>(work: () => Promise<Result>): Promise<Result> {
    const locks = navigator.locks as LockManager | undefined; // only over https, or on this machine
    return locks ? await locks.request("doctorai.session", work) : await work();
  }

  private goOn(opened: Opened): void {
    if (this.isOther(opened)) this.giveWay();
    else this.keep(opened);
  }

  /** Somebody else has signed in in another tab: what is here is not theirs, nor is this page. */
  private giveWay(): void {
    this.forget();
    localStorage.setItem(HINT, "1"); // the other tab's
  }

  private tell(news: News): void {
    this.channel?.postMessage(news);
  }

  private hear({ person }: News): void {
    if (!this.transport.outlivesReload) return; // nothing here is shared
    if (person === null) this.forget();
    else if (this.person === null) return; // nor anybody's
    else if (this.person !== person) this.giveWay();
    else if (this.state === "expired") void this.renew().catch(() => undefined);
  }

  private isOther(opened: Opened): boolean {
    return this.person !== null && this.person !== personOf(opened.access_token);
  }

  /** The token for what is to be done last; "" where there is none in time. */
  private async lastToken(): Promise<string> {
    if (!this.access || Date.now() < this.access.endsAt) return this.access?.token ?? "";
    const { person } = this;
    const renewed = this.renewed().then((response) => response.json() as Promise<Opened>);
    const opened = await Promise.race([renewed, pause(GOODBYE_MS)]).catch(() => undefined);
    return opened?.access_token && personOf(opened.access_token) === person ? opened.access_token : "";
  }

  private keep(opened: Opened): void {
    this.access = { token: opened.access_token, endsAt: Date.now() + opened.expires_in * 1000 };
    this.person = personOf(opened.access_token);
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

/** Whether asking again later may help. */
function isPassing({ status }: Refused): boolean {
  return status === 429 || status >= 500;
}

function pause(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}

export const session = new Session(
  transport,
  typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel("doctorai.session"),
);
