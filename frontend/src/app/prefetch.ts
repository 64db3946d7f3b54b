import { session } from "../session/session";
import { VIEWS } from "./viewList";

const SOON_MS = 2_000;
/** What somebody came for is there first. */
const LATER_MS = 8_000;

/** Loads every view once somebody is signed in and the browser has nothing else to do: they are there offline, too. */
export function prefetchViews(): void {
  const stop = session.subscribe(() => {
    if (session.current() !== "signedIn") return;
    stop();
    void loadAll();
  });
}

/** One after the other, so that none holds up what somebody does meanwhile. */
async function loadAll(): Promise<void> {
  await pause(LATER_MS);
  for (const view of VIEWS) {
    await idle();
    await view.load().catch(() => undefined);
  }
}

function pause(milliseconds: number): Promise<unknown> {
  return new Promise((go) => setTimeout(go, milliseconds));
}

function idle(): Promise<unknown> {
  return new Promise((go) => {
    if ("requestIdleCallback" in window) requestIdleCallback(go);
    else setTimeout(go, SOON_MS); // Safari
  });
}
