import { useTranslation } from "react-i18next";
import type { Prediction } from "../../../api/client";
import { useWords } from "../../../i18n/words";
import { Bars } from "../Bars";
import { Contributions } from "../Contributions";
import { STRANGE, adviceKind, isDemonstration, likelihood, setKind } from "../sentences";
import { Told } from "../Told";
import { useHeadline } from "../useHeadline";
import { useShare } from "../useShare";
import type { QualityWarning } from "../../../stores/analyses";
import { Facts, Whose } from "./Facts";
import { Pictures } from "./Pictures";

export interface SheetProps {
  picture: string;
  prediction: Prediction;
  warnings: readonly QualityWarning[];
  reference: string;
  pageVersion: string | null;
  made: Date;
}

/** What is on the paper. */
export function Sheet(props: SheetProps) {
  const { t } = useTranslation();
  const { prediction, warnings } = props;
  return (
    <div className="report">
      <header className="report-head">
        <strong>{t("result.report.heading")}</strong>
        <span>{t("common.disclaimer")}</span>
      </header>
      <Facts {...props} />
      <Answer prediction={prediction} />
      <div className="report-columns">
        <Pictures {...props} />
        <Numbers prediction={prediction} />
      </div>
      <Contributions prediction={prediction} isPrinted />
      {warnings.length > 0 && (
        <p>
          <strong>{t("result.quality.title")}</strong> {warnings.map((warning) => t(`result.quality.${warning}`)).join(" ")}
        </p>
      )}
      <p>
        <strong>{t("result.description")}</strong> <Told>{prediction.description}</Told>
      </p>
      <p>
        <strong>{t(`result.${adviceKind(prediction)}`)}</strong> <Told>{prediction.recommendation}</Told>
      </p>
      <div className="report-end">
        <p className="report-disclaimer">
          <Told>{prediction.disclaimer}</Told>
        </p>
        <Whose {...props} />
        <Signature />
      </div>
    </div>
  );
}

function Answer({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation();
  const headline = useHeadline();
  const share = useShare();
  const { result, confidence, calibrated } = prediction;
  if (result === null) {
    return <p className="report-answer">{t(`result.abstained.${prediction.abstain_reason ?? "low_confidence"}.title`)}</p>;
  }
  const sure = calibrated ? t(`result.likelihood.${likelihood(confidence)}`) : t("result.report.uncalibrated");
  return (
    <div>
      <p className="report-answer">
        {headline(result)} <small>{t("result.report.sure", { sure, share: share(confidence) })}</small>
      </p>
      {isDemonstration(prediction) && <strong>{t("result.demonstration")}</strong>}
    </div>
  );
}

function Numbers({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation();
  const words = useWords();
  const kind = setKind(prediction);
  const set = prediction.prediction_set ?? [];
  return (
    <div className="stack">
      {prediction.decision === "abstained" && <p>{t("result.expertHint")}</p>}
      <Bars probabilities={prediction.probabilities} marked={kind ? set : []} />
      {!prediction.calibrated && <p>{t("result.uncalibrated")}</p>}
      {kind && <p>{t(`result.set.${kind}`, { share: words.percent(prediction.coverage ?? 0), labels: set.map(words.label).join(t("common.comma")) })}</p>}
      {prediction.ood_score !== null && (
        <p>{t("result.report.strangeness", { score: words.number(prediction.ood_score, 2), limit: words.number(STRANGE, 1) })}</p>
      )}
    </div>
  );
}

function Signature() {
  const { t } = useTranslation();
  return (
    <div className="report-signature">
      <span>{t("result.report.read")}</span>
      <span>{t("result.report.signature")}</span>
      <span>{t("result.report.date")}</span>
    </div>
  );
}
