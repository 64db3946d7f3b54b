import { useSyncExternalStore } from "react";
import { type State, session } from "./session";

export function useSession(): State {
  return useSyncExternalStore(session.subscribe, session.current);
}

/** Changes with the person: what was shown to one is not kept for the next. */
export function useEra(): number {
  return useSyncExternalStore(session.subscribe, () => session.era);
}
