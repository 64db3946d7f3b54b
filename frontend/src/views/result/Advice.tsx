import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { Notice } from "../../ui/Notice";
import { nextOf } from "./sentences";
import { Told } from "./Told";

/** What the answer means, what to do next, and what it is not. */
export function Advice({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation();
  return (
    <section className="advice">
      <div className="columns">
        <div>
          <h4>{t("result.description")}</h4>
          <p>
            <Told>{prediction.description}</Told>
          </p>
        </div>
        <div>
          <h4>{t(nextOf(prediction))}</h4>
          <p>
            <Told>{prediction.recommendation}</Told>
          </p>
        </div>
      </div>
      <Notice>
        <p>
          <Told>{prediction.disclaimer}</Told>
        </p>
      </Notice>
    </section>
  );
}
