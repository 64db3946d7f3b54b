import { type RefObject, useEffect } from "react";
import { useLocation } from "wouter";

export interface Place {
  view: string;
  path: string;
}

/** Beside a view, within its Suspense: once it is there, the top is seen and its heading has the focus. */
export function Arrival({ view, lastRef }: { view: string; lastRef: RefObject<Place | null> }) {
  const [path] = useLocation();
  useEffect(() => {
    const former = lastRef.current;
    lastRef.current = { view, path };
    if (!former || former.path === path) return;
    scrollTo(0, 0);
    // within a view what was pressed, a tab perhaps, keeps the focus as long as it is there
    if (former.view !== view || document.activeElement === document.body) focusHeading();
  }, [view, path, lastRef]);
  return null;
}

function focusHeading(): void {
  const main = document.querySelector<HTMLElement>("main");
  const heading = main?.querySelector<HTMLElement>("h2") ?? main;
  heading?.setAttribute("tabindex", "-1");
  heading?.focus({ preventScroll: true });
}
