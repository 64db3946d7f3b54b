import { useSyncExternalStore } from "react";
import { type State, session } from "./session";

export function useSession(): State {
  return useSyncExternalStore(session.subscribe, session.current);
}
