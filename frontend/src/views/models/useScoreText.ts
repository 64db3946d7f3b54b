import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import type { Interval } from "./read";

/** Scores as the language writes them. */
export function useScoreText() {
  const { t, i18n } = useTranslation();
  const words = useWords();
  const shares = new Intl.NumberFormat(i18n.language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  const write = (value: number, isShare: boolean) => (isShare ? shares.format(value) : words.number(value, 3));
  return {
    value: (at: Interval, isShare = true) => write(at.value, isShare),
    /** "93.2 % to 97.2 %"; a dash where there is none. */
    range: ({ low, high }: Interval, isShare = true) =>
      low === null || high === null ? "–" : unbroken(t("models.range", { low: write(low, isShare), high: write(high, isShare) })),
    count: (samples: number | null) => (samples === null ? "–" : words.number(samples)),
  };
}

/** On one line: its spaces become such that do not break. */
function unbroken(text: string): string {
  return text.replaceAll(" ", "\u00a0");
}
