import { create } from "zustand";
import { session } from "../session/session";

export interface Objection {
  label: string | null;
  note: string;
}

interface Objections {
  /** What is being written against an answer, by its analysis; in this page's memory alone. */
  of: Readonly<Record<string, Objection>>;
  write: (id: string, objection: Objection) => void;
  drop: (id: string) => void;
}

export const useObjections = create<Objections>((set) => ({
  of: {},
  write: (id, objection) => set(({ of }) => ({ of: { ...of, [id]: objection } })),
  drop: (id) => set(({ of }) => ({ of: Object.fromEntries(Object.entries(of).filter(([one]) => one !== id)) })),
}));

session.onEnd(() => useObjections.setState({ of: {} }));
