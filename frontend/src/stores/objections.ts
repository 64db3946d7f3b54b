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
}

export const useObjections = create<Objections>((set) => ({
  of: {},
  write: (id, objection) => set(({ of }) => ({ of: { ...of, [id]: objection } })),
}));

session.onEnd(() => useObjections.setState({ of: {} }));
