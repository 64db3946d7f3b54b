import { create } from "zustand";
import { ask, forget, forgetWith } from "../api/chat";
import { type ChatAnswer, Refused } from "../api/client";
import { session } from "../session/session";

/** `asking`: its answer is awaited, or arrives. */
export type TurnState = "asking" | "done" | "failed" | "stopped";

/** A question, and what became of it. */
export interface Turn {
  id: string;
  question: string;
  state: TurnState;
  /** What has arrived of the answer. */
  text: string;
  answer: ChatAnswer | null;
  error: unknown;
}

interface Conversation {
  /** Under which the gateway remembers it; made here, so that it can be forgotten before the first answer. */
  id: string;
  /** The newest last. In this page's memory alone. */
  turns: readonly Turn[];
  isRemembered: boolean;
}

interface Chat extends Conversation {
  /** What is typed, and not asked yet. */
  draft: string;
  /** The gateway wants no question earlier; milliseconds since 1970. */
  notBefore: number;
  /** Earlier conversations that the gateway still has, and why. */
  unforgotten: readonly string[];
  forgetError: unknown;
  setDraft: (draft: string) => void;
  /** Does nothing while another question is in flight. */
  ask: (question: string) => Promise<void>;
  /** Asks a question that failed, or was stopped, as the newest. */
  again: (id: string) => Promise<void>;
  stop: () => void;
  /** Begins a new conversation, and lets the gateway forget this one. */
  anew: () => Promise<void>;
  /** Lets the gateway forget what it still has of earlier conversations. */
  forget: () => Promise<void>;
}

let flight: AbortController | null = null;

const fresh = (): Conversation => ({ id: unguessable(), turns: [], isRemembered: true });
const nothing = () => ({ ...fresh(), draft: "", notBefore: 0, unforgotten: [], forgetError: null });

export const useChat = create<Chat>((set, get) => ({
  ...nothing(),
  setDraft: (draft) => set({ draft }),
  ask: async (question) => {
    if (flight || !question.trim()) return;
    const turn: Turn = { id: unguessable(), question: question.trim(), state: "asking", text: "", answer: null, error: null };
    set(({ turns }) => ({ turns: [...turns, turn] }));
    await send(turn);
  },
  again: async (id) => {
    const turn = get().turns.find((one) => one.id === id);
    if (flight || !turn) return;
    set(({ turns }) => ({ turns: turns.filter((one) => one.id !== id) }));
    await get().ask(turn.question);
  },
  stop: () => {
    flight?.abort();
    flight = null; // at once, whatever the request still waits for
    set(({ turns }) => ({ turns: turns.map((turn) => (turn.state === "asking" ? { ...turn, state: "stopped" } : turn)) }));
  },
  anew: async () => {
    get().stop();
    set(({ unforgotten }) => ({ ...fresh(), unforgotten: [...unforgotten, ...begun(get())] }));
    await get().forget();
  },
  forget: async () => {
    set({ forgetError: null });
    for (const id of get().unforgotten) {
      try {
        await forget(id);
        set(({ unforgotten }) => ({ unforgotten: unforgotten.filter((one) => one !== id) }));
      } catch (error) {
        set(({ unforgotten }) => ({ forgetError: unforgotten.includes(id) ? error : null }));
      }
    }
  },
}));

async function send(turn: Turn): Promise<void> {
  const mine = (flight = new AbortController());
  const change = (changes: Partial<Turn>) => flight === mine && put(turn.id, changes);
  try {
    const onText = (text: string) => change({ text });
    const sessionId = useChat.getState().id;
    const { answer, isRemembered } = await ask({ message: turn.question, sessionId, signal: mine.signal, onText });
    if (change({ state: "done", text: answer.response, answer })) useChat.setState({ isRemembered });
  } catch (error) {
    if (change({ state: "failed", error })) useChat.setState({ notBefore: earliest(error) });
  } finally {
    if (flight === mine) flight = null;
  }
}

function put(id: string, changes: Partial<Turn>): true {
  useChat.setState(({ turns }) => ({ turns: turns.map((turn) => (turn.id === id ? { ...turn, ...changes } : turn)) }));
  return true;
}

/** When the gateway may be asked again. */
function earliest(error: unknown): number {
  return error instanceof Refused && error.retryAfter ? Date.now() + error.retryAfter * 1000 : 0;
}

/** The conversation's id, when the gateway may know it. */
function begun({ id, turns }: Conversation): string[] {
  return turns.length > 0 ? [id] : [];
}

function unguessable(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16)); // randomUUID is not there without https
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

session.onLeave(async (token) => {
  const chat = useChat.getState();
  const ids = [...chat.unforgotten, ...begun(chat)];
  const held = await token;
  if (held) await Promise.allSettled(ids.map((id) => forgetWith(held, id)));
});
session.onEnd(() => {
  flight?.abort();
  flight = null;
  useChat.setState(nothing());
});
