import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";

/** A probability in words that do not promise more than there is: never 100 %. `digits`: after the point, at most. */
export function useShare(digits = 0): (share: number) => string {
  const { t } = useTranslation();
  const words = useWords();
  return (share) => (share > 0.99 ? t("result.over", { share: words.percent(0.99) }) : words.percent(share, digits));
}
