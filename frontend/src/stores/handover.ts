import { create } from "zustand";
import { session } from "../session/session";

/** What an answer was about, so that the chat can say so. */
export interface About {
  /** Of the analysis. */
  id: string;
  model: string;
  label: string;
}

interface Handover {
  /** A question for the chatbot that another view began; the chat shows it, and asks when told to. */
  question: string | null;
  about: About | null;
  offer: (question: string, about?: About) => void;
  take: () => string | null;
  /** The question is no longer about that. */
  drop: () => void;
}

export const useHandover = create<Handover>((set, get) => ({
  question: null,
  about: null,
  offer: (question, about) => set({ question, about: about ?? null }),
  take: () => {
    const { question } = get();
    set({ question: null });
    return question;
  },
  drop: () => set({ about: null }),
}));

session.onEnd(() => useHandover.setState({ question: null, about: null }));
