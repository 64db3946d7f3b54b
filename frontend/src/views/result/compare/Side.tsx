import { type Dispatch, type SetStateAction, useId } from "react";
import { useTranslation } from "react-i18next";
import type { Prediction } from "../../../api/client";
import { useWords } from "../../../i18n/words";
import { Bars } from "../Bars";
import { best, heatOf, likelihood, setKind } from "../sentences";
import { useShare } from "../useShare";
import type { Seen } from "../viewer/geometry";
import { Viewer } from "../viewer/Viewer";

interface Props {
  name: string;
  picture: string;
  prediction: Prediction;
  together: [Seen, Dispatch<SetStateAction<Seen>>];
  hasBars: boolean;
}

/** One of two answers. */
export function Side({ name, picture, prediction, together, hasBars }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const title = useId();
  const share = useShare();
  const kind = setKind(prediction);
  const set = prediction.prediction_set ?? [];
  return (
    <section className="stack" aria-labelledby={title}>
      <div>
        <p className="outcome-model">
          {name} · {words.model(prediction.model)} <code dir="ltr">{prediction.model_version}</code>
        </p>
        <h3 id={title}>{headline(prediction)}</h3>
      </div>
      <Viewer
        picture={picture}
        name={t("result.viewer.picture")}
        overlay={heatOf(prediction)}
        target={words.label(best(prediction))}
        isHeatShown={prediction.decision === "predicted"}
        together={together}
      />
      {hasBars && <Bars probabilities={prediction.probabilities} marked={kind ? set : []} />}
      {kind && <p>{t(`result.set.${kind}`, { share: words.percent(prediction.coverage ?? 0), labels: set.map(words.label).join(t("common.comma")) })}</p>}
      <small>{words.moment(prediction.timestamp)}</small>
    </section>
  );

  function headline({ result, abstain_reason, confidence, calibrated }: Prediction): string {
    if (result === null) return t(`result.abstained.${abstain_reason ?? "low_confidence"}.title`);
    const label = words.label(result);
    if (!calibrated) return label;
    const sure = t(`result.likelihood.${likelihood(confidence)}`);
    return t("result.compare.answer", { label, sure, share: share(confidence) });
  }
}
