import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Analysis } from "../../../stores/analyses";
import { Notice } from "../../../ui/Notice";
import { FITTED } from "../viewer/geometry";
import { asShown } from "../sentences";
import { compared } from "./comparison";
import { Side } from "./Side";
import { Together } from "./Together";
import "../result.css";
import "./compare.css";

interface Props {
  left: Analysis;
  right: Analysis;
}

/** Two answers beside each other; their pictures are looked at together. */
export function Compare({ left, right }: Props) {
  const { t } = useTranslation();
  const together = useState(FITTED);
  if (!left.prediction || !right.prediction) return null;
  const one = asShown(left.prediction, left.suggestions);
  const other = asShown(right.prediction, right.suggestions);
  const same = one.model === other.model ? compared(one.probabilities, other.probabilities) : null;
  const rows = one.result === null || other.result === null ? null : same; // an abstention's numbers are not stood by
  const shared = ({ picture, warnings }: Analysis) => ({ picture, warnings, together, hasBars: !rows });
  return (
    <article className="compare card">
      <div className="compare-sides">
        <Side name={t("result.compare.first")} {...shared(left)} prediction={one} />
        <Side name={t("result.compare.second")} {...shared(right)} prediction={other} />
      </div>
      {one.model_version !== other.model_version && one.model === other.model && (
        <Notice>
          <p>{t("result.compare.versions")}</p>
        </Notice>
      )}
      {rows ? (
        <Together rows={rows} />
      ) : (
        <Notice tone="warning">
          <p>{t(same ? "result.compare.unanswered" : "result.compare.different")}</p>
        </Notice>
      )}
      <p className="quiet-text">{t("common.disclaimer")}</p>
    </article>
  );
}
