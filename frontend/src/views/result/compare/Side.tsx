import { type Dispatch, type SetStateAction, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Prediction } from "../../../api/client";
import { useWords } from "../../../i18n/words";
import type { QualityWarning } from "../../../stores/analyses";
import { Notice } from "../../../ui/Notice";
import { Bars } from "../Bars";
import { Expert } from "../Expert";
import { best, heatOf, isDemonstration, likelihood, setKind } from "../sentences";
import { useShare } from "../useShare";
import type { Seen } from "../viewer/geometry";
import { Viewer } from "../viewer/Viewer";
import { Warnings } from "../Warnings";

interface Props {
  name: string;
  picture: string;
  prediction: Prediction;
  warnings: readonly QualityWarning[];
  together: [Seen, Dispatch<SetStateAction<Seen>>];
  hasBars: boolean;
}

/** One of two answers, with all that a number of it must not be read without. */
export function Side({ name, picture, prediction, warnings, together, hasBars }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const title = useId();
  const isAbstained = prediction.result === null;
  const numbers = <Numbers prediction={prediction} hasBars={hasBars} />;
  return (
    <section className="stack" aria-labelledby={title}>
      <div>
        <p className="outcome-model">
          {name} · {words.model(prediction.model)} <code dir="ltr">{prediction.model_version}</code>
        </p>
        <Headline id={title} prediction={prediction} />
      </div>
      {!isAbstained && isDemonstration(prediction) && <Notice tone="warning">{t("result.demonstration")}</Notice>}
      {!prediction.calibrated && <Notice tone="warning">{t("result.uncalibrated")}</Notice>}
      <Warnings warnings={warnings} />
      <Viewer
        picture={picture}
        name={t("result.viewer.picture")}
        overlay={heatOf(prediction)}
        target={words.label(best(prediction))}
        isHeatShown={!isAbstained}
        together={together}
      />
      {isAbstained ? <Expert>{numbers}</Expert> : numbers}
      <small>{words.moment(prediction.timestamp)}</small>
    </section>
  );
}

function Headline({ id, prediction }: { id: string; prediction: Prediction }) {
  const { t } = useTranslation();
  const words = useWords();
  const share = useShare();
  const { result, abstain_reason, confidence, calibrated } = prediction;
  if (result === null) return <h3 id={id}>{t(`result.abstained.${abstain_reason ?? "low_confidence"}.title`)}</h3>;
  const label = words.label(result);
  const sure = t(`result.likelihood.${likelihood(confidence)}`);
  return <h3 id={id}>{calibrated ? t("result.compare.answer", { label, sure, share: share(confidence) }) : label}</h3>;
}

function Numbers({ prediction, hasBars }: Pick<Props, "prediction" | "hasBars">) {
  const { t } = useTranslation();
  const words = useWords();
  const kind = setKind(prediction);
  const set = prediction.prediction_set ?? [];
  const labels = set.map(words.label).join(t("common.comma"));
  return (
    <>
      {hasBars && <Bars probabilities={prediction.probabilities} marked={kind ? set : []} />}
      {kind && <p>{t(`result.set.${kind}`, { share: words.percent(prediction.coverage ?? 0), labels })}</p>}
    </>
  );
}
