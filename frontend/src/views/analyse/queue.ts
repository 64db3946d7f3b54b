import { Refused, type Prediction } from "../../api/client";
import type { Progress } from "../../api/upload";
import { SignedOut } from "../../session/session";
import { type Analysis, useAnalyses } from "../../stores/analyses";

const AT_ONCE = 3;
const MOST_TRIES = 6;
/** The session cannot be renewed just now: no picture was tried, so that it waits as long as it takes. */
const NOT_RENEWED = "SIGN_IN_UNAVAILABLE";
const BUSY = ["RATE_LIMITED", "OVERLOADED", NOT_RENEWED];

export type Send = (model: string, picture: Blob, name: string, progress: Progress) => Promise<Prediction>;

const store = () => useAnalyses.getState();
const inState = (...states: Analysis["state"][]) => store().items.filter((item) => states.includes(item.state));

/** Whether something is still to be sent or answered. */
export const isUnfinished = ({ state }: Analysis): boolean => ["waiting", "paused", "sending", "computing"].includes(state);

/**
 * Sends the pictures of the store, in the order in which they came, a few at once, and puts what becomes of them there.
 * What is refused for a while goes on by itself: at the time that the gateway names, or when `healthy` or `online` say so.
 */
export class Queue {
  private readonly running = new Map<string, AbortController>();
  private readonly tries = new Map<string, number>();
  private isOffline = false;
  private notBefore = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly send: Send) {}

  /** Begins what can begin; to be called after something was put into the store. */
  pump(): void {
    clearTimeout(this.timer);
    const now = Date.now();
    for (const item of inState("paused")) if (item.retryAt !== null && item.retryAt <= now && !isDown(item)) this.release(item.id);
    if (now >= this.notBefore && !this.isOffline) {
      for (const item of inState("waiting").slice(0, AT_ONCE - this.running.size)) void this.run(item);
    }
    this.wakeAt(now);
  }

  cancel(id: string): void {
    const item = store().items.find((one) => one.id === id);
    if (!item || !isUnfinished(item)) return;
    store().change(id, { state: "cancelled", retryAt: null, error: null });
    this.abort(id);
    this.pump();
  }

  cancelAll(): void {
    for (const item of store().items.filter(isUnfinished).reverse()) this.cancel(item.id); // the last first: none begins
  }

  /** From the beginning, and now. */
  retry(id: string): void {
    this.tries.delete(id);
    this.notBefore = 0;
    this.isOffline = false;
    this.release(id);
    this.pump();
  }

  remove(id: string): void {
    this.abort(id);
    this.tries.delete(id);
    store().remove(id);
    this.pump();
  }

  /** Ends all that runs: nobody is there to see it. */
  clear(): void {
    for (const id of [...this.running.keys()]) this.abort(id);
    this.tries.clear();
    this.notBefore = 0;
    this.isOffline = false;
    clearTimeout(this.timer);
  }

  /** The network is there again. */
  online(): void {
    this.isOffline = false;
    for (const item of inState("paused")) if (isUnreached(item)) this.release(item.id);
    this.pump();
  }

  /** The gateway has answered, and said which models work. */
  healthy(models: Record<string, boolean>): void {
    for (const item of inState("paused").filter(isDown)) {
      if (models[item.model] === false) this.tries.delete(item.id); // it is down indeed: wait as long as it takes
      else if ((item.retryAt ?? 0) <= Date.now()) this.release(item.id);
    }
    if (this.isOffline) this.online();
    else this.pump();
  }

  private async run(item: Analysis): Promise<void> {
    const control = new AbortController();
    this.running.set(item.id, control);
    store().change(item.id, { state: "sending", sent: 0, error: null, retryAt: null });
    const isCurrent = () => this.running.get(item.id) === control;
    const onSent = (sent: number) => {
      if (isCurrent()) store().change(item.id, { sent, state: sent < 1 ? "sending" : "computing" });
    };
    try {
      const prediction = await this.send(item.model, item.file, item.file.name, { signal: control.signal, onSent });
      if (isCurrent()) this.finish(item.id, { state: "done", sent: 1, prediction });
    } catch (error) {
      if (isCurrent()) this.finish(item.id, this.after(error, item.id));
    }
  }

  private finish(id: string, changes: Partial<Analysis>): void {
    this.running.delete(id);
    store().change(id, changes);
    this.pump();
  }

  /** What becomes of an analysis that was not answered. */
  private after(error: unknown, id: string): Partial<Analysis> {
    if (error instanceof SignedOut) return { state: "cancelled" };
    const code = error instanceof Refused ? error.code : "UNREACHABLE";
    const tries = (this.tries.get(id) ?? 0) + (code === NOT_RENEWED ? 0 : 1);
    this.tries.set(id, tries);
    if (tries >= MOST_TRIES) return { state: "failed", error };
    const later = Date.now() + 1000 * ((error instanceof Refused && error.retryAfter) || 2 ** Math.max(0, tries - 1));
    if (BUSY.includes(code)) this.notBefore = Math.max(this.notBefore, later);
    else if (code === "UNREACHABLE") this.isOffline = true;
    else if (code !== "MODEL_UNAVAILABLE") return { state: "failed", error };
    return { state: "paused", error, sent: 0, retryAt: code === "UNREACHABLE" ? null : later };
  }

  private abort(id: string): void {
    this.running.get(id)?.abort();
    this.running.delete(id);
  }

  private release(id: string): void {
    store().change(id, { state: "waiting", sent: 0, error: null, retryAt: null });
  }

  private wakeAt(now: number): void {
    const times = inState("paused").flatMap((item) => (item.retryAt !== null && !isDown(item) ? [item.retryAt] : []));
    if (inState("waiting").length > 0 && this.notBefore > now) times.push(this.notBefore);
    if (times.length > 0) this.timer = setTimeout(() => this.pump(), Math.max(0, Math.min(...times) - now));
  }
}

/** Its model does not work: health says when it does again. */
export const isDown = ({ error }: Analysis): boolean => error instanceof Refused && error.code === "MODEL_UNAVAILABLE";
/** Nobody answered. */
export const isUnreached = ({ error }: Analysis): boolean => error !== null && !(error instanceof Refused);
