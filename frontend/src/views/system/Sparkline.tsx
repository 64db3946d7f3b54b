import { useTranslation } from "react-i18next";
import { useMeasures } from "./measures";
import { highest, linePath } from "./sparkline";

const WIDTH = 160;
const HEIGHT = 32;

/**
 * How something went in the last hour. Time runs from left to right in Arabic, too, as on every chart that a clinician
 * reads (an ECG, a temperature chart) and in Grafana, which shows the same times; its ends are named, so that nobody has to guess.
 */
export function Sparkline({ values, text }: { values: readonly (number | null)[]; text: string }) {
  const { t } = useTranslation();
  const { milliseconds } = useMeasures();
  const most = highest(values);
  const isPoint = values.filter((value) => value !== null).length === 1;
  return (
    <figure className="system-sparkline" dir="ltr">
      <svg role="img" aria-label={text} className={isPoint ? "point" : undefined} viewBox={`-2 -2 ${WIDTH + 4} ${HEIGHT + 4}`} preserveAspectRatio="none">
        <line x1="0" x2={WIDTH} y1={HEIGHT} y2={HEIGHT} />
        <path d={linePath(values, WIDTH, HEIGHT)} />
      </svg>
      <figcaption aria-hidden>
        <span dir="auto">{t("system.hourAgo")}</span>
        {most !== null && <span dir="auto">{t("system.most", { time: milliseconds(most) })}</span>}
        <span dir="auto">{t("system.now")}</span>
      </figcaption>
    </figure>
  );
}
