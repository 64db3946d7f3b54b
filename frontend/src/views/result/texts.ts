import english from "../../i18n/en/texts.json";

/** The gateway's English, and what it is in another language. `{{gap}}` in both stands for what the gateway fills in. */
interface Known {
  pattern: RegExp;
  names: string[];
  translation: string;
}
interface Texts {
  [key: string]: string | Texts;
}

/**
 * A text of the gateway's in the language of `translations`; null when it is not made of texts that were translated:
 * a model of one's own says what it wants, and a changed text must not be shown as what it was.
 */
export function translated(text: string, translations: Texts): string | null {
  return sentences(text.trim(), known(english, translations));
}

function known(from: Texts, to: Texts): Known[] {
  return Object.entries(from).flatMap(([key, original]) => {
    const translation = to[key];
    if (typeof original !== "string") return typeof translation === "object" ? known(original, translation) : [];
    return typeof translation === "string" ? [{ ...matcher(original), translation }] : [];
  });
}

function matcher(original: string): { pattern: RegExp; names: string[] } {
  const names = [...original.matchAll(/{{(\w+)}}/g)].map((match) => match[1] ?? "");
  const fixed = original.split(/{{\w+}}/).map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return { pattern: new RegExp(`^${fixed.join("(.+?)")}(?= |$)`), names };
}

/** Texts are put together by spaces; the longest that fits is taken first. */
function sentences(text: string, all: Known[]): string | null {
  if (text === "") return "";
  const fitting = all
    .map((one) => ({ one, found: one.pattern.exec(text) }))
    .sort((a, b) => (b.found?.[0].length ?? 0) - (a.found?.[0].length ?? 0));
  for (const { one, found } of fitting) {
    if (!found) break;
    const rest = sentences(text.slice(found[0].length).trim(), all);
    const begun = filled(one, found.slice(1), all);
    if (rest !== null && begun !== null) return rest ? `${begun} ${rest}` : begun;
  }
  return null;
}

function filled({ names, translation }: Known, values: string[], all: Known[]): string | null {
  const said = values.map((value) => gap(value, all));
  if (said.includes(null)) return null;
  return names.reduce((text, name, at) => text.replace(`{{${name}}}`, said[at] ?? ""), translation);
}

/** Numbers stay; titles of classes, with `;` between them, are texts of their own. */
function gap(value: string, all: Known[]): string | null {
  if (/^[\d,]+$/.test(value)) return value;
  const titles = value.split("; ").map((title) => sentences(title, all));
  return titles.includes(null) ? null : titles.join("؛ ");
}
