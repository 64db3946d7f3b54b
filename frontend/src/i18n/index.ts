import i18next from "i18next";
import { initReactI18next } from "react-i18next";
import ar from "./ar.json";
import en from "./en.json";

export const resources = { en: { translation: en }, ar: { translation: ar } };

function turn(language: string): void {
  document.documentElement.lang = language;
  document.documentElement.dir = i18next.dir(language);
}

i18next.on("languageChanged", turn);
void i18next.use(initReactI18next).init({
  resources,
  lng: navigator.language.startsWith("ar") ? "ar" : "en",
  fallbackLng: "en",
  interpolation: { escapeValue: false }, // React escapes
});

export default i18next;
