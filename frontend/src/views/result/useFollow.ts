import { type RefObject, useEffect, useRef } from "react";

/** When `step` changes and the button that changed it is gone, the focus goes on to the first one that is there now. */
export function useFollow(element: RefObject<HTMLElement | null>, step: string): void {
  const former = useRef(step);
  useEffect(() => {
    if (former.current === step) return;
    former.current = step;
    const focused = document.activeElement;
    const isElsewhere = focused && focused !== document.body && !element.current?.contains(focused);
    if (!isElsewhere) element.current?.querySelector("button")?.focus();
  }, [element, step]);
}
