import { create } from "zustand";
import { session } from "../session/session";

interface Handover {
  /** A question for the chatbot that another view began; the chat shows it, and asks when told to. */
  question: string | null;
  offer: (question: string) => void;
  take: () => string | null;
}

export const useHandover = create<Handover>((set, get) => ({
  question: null,
  offer: (question) => set({ question }),
  take: () => {
    const { question } = get();
    set({ question: null });
    return question;
  },
}));

session.onEnd(() => useHandover.setState({ question: null }));
