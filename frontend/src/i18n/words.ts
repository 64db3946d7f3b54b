import i18next from "i18next";
import { useTranslation } from "react-i18next";

/** A text whose key is made of what the gateway said; `otherwise` where the translations do not know it. */
export function said(key: string, otherwise: string, values: Record<string, unknown> = {}): string {
  return i18next.exists(key) ? (i18next.t as (key: string, values: object) => string)(key, values) : otherwise;
}

/** How dates and times are written: as the browser's region does where it speaks `language`; never by a region's chance. */
export function regionOf(language: string, browser: string): string {
  if (browser.split("-")[0] === language) return browser;
  return language === "en" ? "en-GB" : language;
}

/** The words of whatever the gateway names, and numbers as the language writes them. */
export function useWords() {
  const { i18n } = useTranslation(); // so that it is asked again when the language changes
  const locale = i18n.language;
  const region = regionOf(locale, navigator.language);
  return {
    label: (label: string) => said(`labels.${label}`, label),
    model: (model: string) => said(`models.of.${model}.name`, model),
    problem: (code: string) => said(`errors.${code}`, said("errors.OTHER", code, { code })),
    percent: (share: number, digits = 0) =>
      new Intl.NumberFormat(locale, { style: "percent", maximumFractionDigits: digits }).format(share),
    number: (value: number, digits = 0) => new Intl.NumberFormat(locale, { maximumFractionDigits: digits }).format(value),
    list: (items: string[]) => new Intl.ListFormat(locale, { type: "conjunction" }).format(items),
    time: (at: string | number | Date) =>
      new Intl.DateTimeFormat(region, { hour: "2-digit", minute: "2-digit", second: "2-digit" }).format(new Date(at)),
    moment: (at: string | number | Date) =>
      new Intl.DateTimeFormat(region, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at)),
  };
}
