import { create } from "zustand";
import type { Prediction } from "../api/client";
import type { components } from "../api/schema";
import { session } from "../session/session";

export type Suggestions = components["schemas"]["Suggestions"];
export type Verdict = components["schemas"]["Feedback"]["verdict"];

/** `waiting`: its turn has not come; `paused`: it goes on by itself, at `retryAt` or when what `error` says is over. */
export type AnalysisState = "waiting" | "paused" | "sending" | "computing" | "done" | "failed" | "cancelled";

/** What the page noticed about a picture before it was sent. */
export type QualityWarning = "tiny" | "dark" | "bright" | "flat" | "blurred";

/** One picture that was given to one model. */
export interface Analysis {
  id: string;
  model: string;
  file: File;
  /** An object URL of `file`. */
  picture: string;
  addedAt: number;
  state: AnalysisState;
  /** 0…1 of its bytes. */
  sent: number;
  retryAt: number | null;
  prediction: Prediction | null;
  error: unknown;
  /** Which model it may be for, asked when this one does not know such pictures. */
  suggestions: Suggestions | null;
  verdict: Verdict | null;
  /** What was kept with it: the label that would be right, and whether there is a note. */
  correction: { label: string; hasNote: boolean } | null;
  warnings: readonly QualityWarning[];
  /** The same for the same bytes; empty where nobody looked. */
  digest: string;
}

/** What was found out about a picture before it was sent. */
export type Findings = Partial<Pick<Analysis, "warnings" | "digest">>;

interface Analyses {
  /** The newest last. In this page's memory alone. */
  items: readonly Analysis[];
  add: (model: string, files: readonly File[], findings?: Findings) => Analysis[];
  change: (id: string, changes: Partial<Analysis>) => void;
  remove: (id: string) => void;
  clear: () => void;
}

function made(model: string, file: File): Analysis {
  return {
    id: crypto.getRandomValues(new Uint32Array(2)).join("-"), // randomUUID is not there without https
    model,
    file,
    picture: URL.createObjectURL(file),
    addedAt: Date.now(),
    state: "waiting",
    sent: 0,
    retryAt: null,
    prediction: null,
    error: null,
    suggestions: null,
    verdict: null,
    correction: null,
    warnings: [],
    digest: "",
  };
}

export const useAnalyses = create<Analyses>((set, get) => ({
  items: [],
  add: (model, files, findings = {}) => {
    const added = files.map((file) => ({ ...made(model, file), ...findings }));
    set(({ items }) => ({ items: [...items, ...added] }));
    return added;
  },
  change: (id, changes) =>
    set(({ items }) => ({ items: items.map((item) => (item.id === id ? { ...item, ...changes } : item)) })),
  remove: (id) => {
    forget(get().items.filter((item) => item.id === id));
    set(({ items }) => ({ items: items.filter((item) => item.id !== id) }));
  },
  clear: () => {
    forget(get().items);
    set({ items: [] });
  },
}));

function forget(items: readonly Analysis[]): void {
  for (const item of items) URL.revokeObjectURL(item.picture);
}

session.onEnd(() => useAnalyses.getState().clear());
