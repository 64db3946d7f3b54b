import { useTranslation } from "react-i18next";

/** Numbers with their sign, as the language writes them. */
export function useSigned(digits = 2): (value: number) => string {
  const { i18n } = useTranslation();
  const format = new Intl.NumberFormat(i18n.language, { signDisplay: "exceptZero", minimumFractionDigits: digits, maximumFractionDigits: digits });
  return (value) => format.format(value);
}
