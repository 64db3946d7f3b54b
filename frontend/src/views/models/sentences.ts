import arabic from "../../i18n/ar/cards.json";

/** A sentence of a card in Arabic; null for one that was not translated, or was changed since. */
export function inArabic(sentence: string): string | null {
  return (arabic as Record<string, string>)[sentence] ?? null;
}
