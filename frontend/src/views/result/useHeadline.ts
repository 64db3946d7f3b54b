import { useTranslation } from "react-i18next";
import { said, useWords } from "../../i18n/words";

/** An answer worded as the hint that it is, not as a finding. */
export function useHeadline(): (label: string) => string {
  const { t } = useTranslation();
  const words = useWords();
  return (label) => said(`result.headline.${label}`, t("result.suggests", { label: words.label(label) }));
}
