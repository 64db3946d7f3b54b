import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Bars } from "./Bars";
import { Expert } from "./Expert";
import { setKind } from "./sentences";
import { Strangeness } from "./Strangeness";
import { Term } from "./Term";

/** How sure the model is; of an abstention only for those who can read it. */
export function Probabilities({ prediction }: { prediction: Prediction }) {
  if (prediction.decision === "predicted") return <Numbers prediction={prediction} hasTitle />;
  return (
    <Expert>
      <Numbers prediction={prediction} />
    </Expert>
  );
}

function Numbers({ prediction, hasTitle = false }: { prediction: Prediction; hasTitle?: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const isBelieved = setKind(prediction) !== null;
  return (
    <section className="stack">
      {hasTitle && (
        <h4>
          {t("result.probabilities")} {prediction.calibrated && <Term name="calibrated" />}
        </h4>
      )}
      <Bars probabilities={prediction.probabilities} marked={isBelieved ? (prediction.prediction_set ?? []) : []} />
      <PredictionSet prediction={prediction} />
      <p>
        {t("result.uncertainty", { share: words.percent(prediction.uncertainty, 1) })} <Term name="uncertainty" />
      </p>
      {prediction.ood_score !== null && <Strangeness score={prediction.ood_score} />}
    </section>
  );
}

function PredictionSet({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation();
  const words = useWords();
  const kind = setKind(prediction);
  if (!kind) return null;
  const share = words.percent(prediction.coverage ?? 0);
  const labels = (prediction.prediction_set ?? []).map(words.label);
  return (
    <p>
      {t(`result.set.${kind}`, { share, labels: labels.join(t("common.comma")) })} <Term name="set" />
    </p>
  );
}
