import { useSettings } from "./settings";

const PREFIX = "doctorai.";
/** That somebody is signed in: signing out forgets it. */
const SESSION = `${PREFIX}session`;

/** The names of what this page keeps in this browser's local storage. */
export function kept(): string[] {
  return Object.keys(localStorage).filter((name) => name.startsWith(PREFIX)).sort();
}

/** Forgets every choice that was made in this browser; who is signed in stays so. */
export function forgetChoices(): void {
  useSettings.setState(useSettings.getInitialState());
  for (const name of kept()) if (name !== SESSION) localStorage.removeItem(name);
}
