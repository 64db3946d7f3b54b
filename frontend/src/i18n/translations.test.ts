import { expect, it } from "vitest";
import arabicViews from "./ar";
import arabicTexts from "./ar/texts.json";
import englishViews from "./en";
import englishTexts from "./en/texts.json";

const arabic = { ...arabicViews, texts: arabicTexts };
const english = { ...englishViews, texts: englishTexts };

const FORMS = ["zero", "one", "two", "few", "many", "other"];

/** Every key with the gaps to fill in; the forms of a number as one, since languages have other ones. */
function keys(value: object, path = ""): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) =>
    typeof inner === "string" ? [`${path}${base(key)}`] : keys(inner as object, `${path}${key}.`),
  );
}

function base(key: string): string {
  const at = key.lastIndexOf("_");
  return at > 0 && FORMS.includes(key.slice(at + 1)) ? key.slice(0, at) : key;
}

function gaps(value: object, path = ""): Record<string, string> {
  const found: Record<string, string> = {};
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (typeof inner !== "string") Object.assign(found, gaps(inner as object, `${path}${key}.`));
    else if (base(key) === key) found[path + key] = inner.match(/{{\w+}}/g)?.sort().join() ?? "";
  }
  return found;
}

function forms(value: object, path = ""): Record<string, string[]> {
  const found: Record<string, string[]> = {};
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    if (typeof inner !== "string") Object.assign(found, forms(inner as object, `${path}${key}.`));
    else if (base(key) !== key) (found[path + base(key)] ??= []).push(key.slice(base(key).length + 1));
  }
  return found;
}

function texts(value: object): string[] {
  return Object.values(value).flatMap((inner: unknown) => (typeof inner === "string" ? [inner] : texts(inner as object)));
}

it("says everything in both languages, with the same gaps to fill", () => {
  expect([...new Set(keys(arabic))].sort()).toEqual([...new Set(keys(english))].sort());
  expect(gaps(arabic)).toEqual(gaps(english));
});

it.each([
  ["en", english],
  ["ar", arabic],
] as const)("has every form of a number that %s has", (language, all) => {
  const wanted = new Intl.PluralRules(language).resolvedOptions().pluralCategories.sort();
  for (const [key, found] of Object.entries(forms(all))) expect([key, ...found.sort()]).toEqual([key, ...wanted]);
});

it("leaves no text empty", () => {
  expect([...texts(arabic), ...texts(english)].filter((text) => !text.trim())).toEqual([]);
});

it("is Arabic in Arabic", () => {
  const written = texts(arabic).filter((text) => !/[\u0600-\u06ff]/.test(text));
  expect(written.filter((text) => /[A-Za-z]{3}/.test(text.replace(/{{\w+}}/g, "")))).toEqual([]);
});
