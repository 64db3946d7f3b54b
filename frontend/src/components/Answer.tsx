import { useTranslation } from "react-i18next";
import type { Prediction } from "../api/client";
import { HeatMap } from "./HeatMap";
import { ProbabilityBars } from "./ProbabilityBars";

/** One prediction, or why there is none. */
export function Answer({ prediction, picture }: { prediction: Prediction; picture: string }) {
  const { t, i18n } = useTranslation();
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 0 });
  const likely = prediction.prediction_set ?? [];
  const overlay = prediction.explanation?.image_png_base64;
  return (
    <section className="card" aria-live="polite">
      {prediction.result ? (
        <h3>{t(`labels.${prediction.result}`, prediction.result)}</h3>
      ) : (
        <h3 className="abstained">{t(`analyse.abstained.${prediction.abstain_reason ?? "low_confidence"}`)}</h3>
      )}
      <p dir="auto">{prediction.description}</p>
      {prediction.result && <ProbabilityBars probabilities={prediction.probabilities} likely={likely} />}
      {prediction.result && prediction.coverage && likely.length > 0 && (
        <p>
          {t("analyse.set", {
            share: percent.format(prediction.coverage),
            labels: likely.map((label) => t(`labels.${label}`, label)).join(t("comma")),
          })}
        </p>
      )}
      {overlay ? <HeatMap picture={picture} overlay={overlay} /> : <img src={picture} alt={t("analyse.picture")} />}
      <p dir="auto">{prediction.recommendation}</p>
      <p className="notice" dir="auto">
        {prediction.disclaimer}
      </p>
      <small>
        {t("analyse.by", {
          model: prediction.model,
          version: prediction.model_version,
          milliseconds: Math.round(prediction.timing_ms.total),
        })}
      </small>
    </section>
  );
}
