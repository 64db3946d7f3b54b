import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import type { Interval } from "./read";

/** Scores as the language writes them. */
export function useScoreText() {
  const { t } = useTranslation();
  const words = useWords();
  const write = (value: number, isShare: boolean) => (isShare ? words.percent(value, 1) : words.number(value, 3));
  return {
    value: (at: Interval, isShare = true) => write(at.value, isShare),
    /** "93.2 % to 97.2 %"; a dash where there is none. */
    range: ({ low, high }: Interval, isShare = true) =>
      low === null || high === null ? "–" : t("models.range", { low: write(low, isShare), high: write(high, isShare) }),
    count: (samples: number | null) => (samples === null ? "–" : words.number(samples)),
  };
}
