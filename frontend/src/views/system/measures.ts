import { useTranslation } from "react-i18next";

/** Times, sizes and rates, as the language writes them. */
export function useMeasures() {
  const { t, i18n } = useTranslation();
  const unit = (unit: string, value: number, digits = 0) =>
    new Intl.NumberFormat(i18n.language, { style: "unit", unit, unitDisplay: i18n.language === "ar" ? "long" : "short", maximumFractionDigits: digits }).format(value);
  return {
    milliseconds: (value: number) =>
      value < 1_000 ? unit("millisecond", rounded(value), 1) : unit("second", value / 1_000, 1),
    megabytes: (bytes: number) => unit("megabyte", bytes / 1_000_000),
    duration: (seconds: number) => {
      if (seconds < 3_600) return unit("minute", Math.floor(seconds / 60));
      return seconds < 172_800 ? unit("hour", Math.floor(seconds / 3_600)) : unit("day", Math.floor(seconds / 86_400));
    },
    rate: (perMinute: number) =>
      perMinute > 0 && perMinute < 1 ? t("system.rare") : t("system.rate", { count: Math.round(perMinute) }),
  };
}

/** No more digits than a time that changes from request to request has a meaning for. */
function rounded(milliseconds: number): number {
  if (milliseconds < 1) return milliseconds;
  return milliseconds < 20 ? Math.round(milliseconds) : Math.round(milliseconds / 10) * 10;
}
