import i18next, { type ResourceKey } from "i18next";
import { initReactI18next } from "react-i18next";
import { create } from "zustand";
import type english from "./en";

declare module "i18next" {
  interface CustomTypeOptions {
    resources: { translation: typeof english };
  }
}

export const LANGUAGES = ["en", "ar"] as const;
export type Language = (typeof LANGUAGES)[number];
const KEPT = "doctorai.language";
const AGAIN_AFTER_MS = 2_000;
/** Each language is a file of its own, that is loaded when it is wanted. */
const TEXTS: Record<Language, () => Promise<{ default: ResourceKey }>> = {
  en: () => import("./en"),
  ar: () => import("./ar"),
};

/** Loads the texts of `language`, unless they are there. */
export async function load(language: Language): Promise<void> {
  if (i18next.hasResourceBundle(language, "translation")) return;
  const texts = await TEXTS[language]();
  i18next.addResourceBundle(language, "translation", texts.default);
}

/** Loads the texts of `language`, then shows them. Throws when they cannot be loaded; what is shown stays. */
export async function show(language: Language): Promise<void> {
  await load(language);
  await i18next.changeLanguage(language);
}

/** Why the language that was chosen last is not shown; `retry` chooses it again. */
export const useUnspoken = create<{ error: unknown; retry: () => void }>(() => ({ error: null, retry: () => undefined }));

/** Shows the language that somebody chose, and keeps the choice. */
export async function speak(language: Language): Promise<void> {
  try {
    await show(language);
    localStorage.setItem(KEPT, language);
    useUnspoken.setState({ error: null });
  } catch (error) {
    useUnspoken.setState({ error, retry: () => void speak(language) });
  }
}

/** The first thing that is shown: `language`, or another where its texts cannot be loaded, which is said. Waits for one. */
export async function begin(language: Language): Promise<void> {
  for (;;) {
    let failure: unknown = null;
    for (const one of [language, ...LANGUAGES.filter((other) => other !== language)]) {
      try {
        await show(one);
        return useUnspoken.setState({ error: failure, retry: () => void speak(language) });
      } catch (error) {
        failure = error;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, AGAIN_AFTER_MS));
  }
}

/** The language that was chosen here before, else the browser's. */
export function preferred(): Language {
  const kept = localStorage.getItem(KEPT);
  if (kept === "en" || kept === "ar") return kept;
  return navigator.language.startsWith("ar") ? "ar" : "en";
}

function turn(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = i18next.dir(language);
}

i18next.on("languageChanged", turn);
void i18next.use(initReactI18next).init({
  resources: {},
  fallbackLng: false,
  interpolation: { escapeValue: false }, // React escapes
});

export default i18next;
