import { type RefObject, useCallback, useEffect, useRef, useState } from "react";
import type { Turn } from "../../stores/chat";

/** How much of the window the bar and the input take, at the most, when a turn is shown from its beginning. */
const TAKEN = 0.4;
const SLACK = 60;

/** Keeps the newest turn in view, unless the person has scrolled away from it. */
export function useFollow(turns: readonly Turn[]): {
  newest: RefObject<HTMLLIElement | null>;
  isAway: boolean;
  follow: () => void;
} {
  const newest = useRef<HTMLLIElement>(null);
  const away = useRef(false);
  const [isAway, setAway] = useState(false);
  const follow = useCallback(() => {
    away.current = false;
    setAway(false);
    bring(newest.current);
  }, []);
  useEffect(() => {
    const look = () => setAway((away.current = isOutOfSight(newest.current)));
    addEventListener("scroll", look, { passive: true });
    return () => removeEventListener("scroll", look);
  }, []);
  useEffect(() => {
    away.current = false; // who asks wants to see the answer
    bring(newest.current);
  }, [turns.length]);
  useEffect(() => {
    if (!away.current) bring(newest.current);
  }, [turns]);
  return { newest, isAway, follow };
}

/** A turn that does not fit is shown from its beginning, where one begins to read. */
function bring(turn: HTMLElement | null): void {
  if (!turn) return;
  if (turn.offsetHeight > innerHeight * (1 - TAKEN)) turn.scrollIntoView({ block: "start" });
  else scrollTo({ top: document.documentElement.scrollHeight });
}

function isOutOfSight(turn: HTMLElement | null): boolean {
  if (!turn) return false;
  const { top, bottom } = turn.getBoundingClientRect();
  return top > innerHeight * (1 - TAKEN) && bottom > innerHeight + SLACK;
}
