import { session } from "../session/session";
import { VIEWS } from "./viewList";

const SOON_MS = 2_000;

/** Loads every view once somebody is signed in and the browser has nothing else to do: they are there offline, too. */
export function prefetchViews(): void {
  const stop = session.subscribe(() => {
    if (session.current() !== "signedIn") return;
    stop();
    whenIdle(() => VIEWS.forEach((view) => void view.load().catch(() => undefined)));
  });
}

function whenIdle(work: () => void): void {
  if ("requestIdleCallback" in window) requestIdleCallback(work);
  else setTimeout(work, SOON_MS); // Safari
}
