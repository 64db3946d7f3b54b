import type { TFunction } from "i18next";

/** What the gateway says in English of an instance that is not ready, and the key of its translation. */
const KNOWN = [
  [/^no instance has announced itself/, "none"],
  [/^the instance is stopping/, "stopping"],
  [/^the model is loading/, "loading"],
  [/^does not answer/, "silent"],
  [/^answers, but not as an instance/, "odd"],
  [/^another instance has taken its address/, "moved"],
  [/^no bundle /, "noBundle"],
  [/does not match its checksum/, "changed"],
  [/^the warm-up /, "warmUp"],
  [/ runtime is not installed|^this build has no /, "runtime"],
  [/cannot be read|cannot load|cannot be loaded|is damaged|is not valid/, "unreadable"],
] as const;

export type Reason = (typeof KNOWN)[number][1];

/** The known reason that `text` gives; null for any other. */
export function reasonOf(text: string): Reason | null {
  return KNOWN.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** In the page's language; null where only the English is there. */
export function reasonText(t: TFunction, text: string): string | null {
  const reason = reasonOf(text);
  return reason && t(`system.reasons.${reason}`);
}
