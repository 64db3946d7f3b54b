import { CircleSlash } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Notice } from "../../ui/Notice";
import { isDemonstration, likelihood } from "./sentences";
import { Term } from "./Term";
import { useHeadline } from "./useHeadline";
import { useShare } from "./useShare";

/** The answer in words, or why there is none. */
export function Outcome({ prediction }: { prediction: Prediction }) {
  return (
    <header className="outcome">
      {prediction.result === null ? <NoAnswer prediction={prediction} /> : <Label prediction={prediction} result={prediction.result} />}
      {!prediction.calibrated && <Uncalibrated />}
    </header>
  );
}

function Label({ prediction, result }: { prediction: Prediction; result: string }) {
  const { t } = useTranslation();
  const words = useWords();
  const headline = useHeadline();
  const share = useShare()(prediction.confidence);
  const likely = likelihood(prediction.confidence);
  return (
    <>
      <p className="outcome-model">{t("result.says", { model: words.model(prediction.model) })}</p>
      <h3 className="outcome-label">{headline(result)}</h3>
      {isDemonstration(prediction) && <Notice tone="warning">{t("result.demonstration")}</Notice>}
      {prediction.calibrated && (
        <p className="outcome-sure">
          <strong className={likely === "unsure" ? "unsure" : undefined}>{t(`result.likelihood.${likely}`)}</strong>
          <span className="number">{share}</span>
          <Term name="calibrated" />
        </p>
      )}
      {prediction.calibrated && !isDemonstration(prediction) && (
        <p className="quiet-text">{t("result.meaning", { count: Math.min(99, Math.round(prediction.confidence * 100)) })}</p>
      )}
    </>
  );
}

function NoAnswer({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation();
  const words = useWords();
  const reason = prediction.abstain_reason ?? "low_confidence";
  return (
    <>
      <p className="outcome-model">{t("result.says", { model: words.model(prediction.model) })}</p>
      <h3 className="outcome-label abstained">
        <CircleSlash aria-hidden size={26} />
        {t(`result.abstained.${reason}.title`)}
      </h3>
      <p>
        {t(`result.abstained.${reason}.meaning`)} <Term name="abstained" />
      </p>
      <Notice tone="warning">
        <strong>{t("result.abstained.now")}</strong>
        <p>{t(`result.abstained.${reason}.now`)}</p>
      </Notice>
    </>
  );
}

function Uncalibrated() {
  const { t } = useTranslation();
  return (
    <Notice tone="warning">
      <p>{t("result.uncalibrated")}</p>
    </Notice>
  );
}
