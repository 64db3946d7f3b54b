import { useCallback, useSyncExternalStore } from "react";

const TICK_MS = 250;

/** Whole seconds until `at` (milliseconds since 1970), counted down; 0 when it has passed. */
export function useSecondsUntil(at: number): number {
  const subscribe = useCallback(
    (listener: () => void) => {
      if (secondsUntil(at) === 0) return () => undefined;
      const timer = setInterval(() => {
        if (secondsUntil(at) === 0) clearInterval(timer);
        listener();
      }, TICK_MS);
      return () => clearInterval(timer);
    },
    [at],
  );
  return useSyncExternalStore(subscribe, () => secondsUntil(at));
}

function secondsUntil(at: number): number {
  return Math.max(0, Math.ceil((at - Date.now()) / 1000));
}
