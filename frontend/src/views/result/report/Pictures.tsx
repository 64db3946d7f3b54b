import { type CSSProperties, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Prediction } from "../../../api/client";
import { useWords } from "../../../i18n/words";
import { best, heatOf } from "../sentences";
import { HeatLegend } from "../viewer/Heat";

interface Props {
  picture: string;
  prediction: Prediction;
}

/** The picture as it was sent, and beside it with the heat map. */
export function Pictures({ picture, prediction }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const [ratio, setRatio] = useState(1);
  const overlay = heatOf(prediction);
  const shape = { "--ratio": ratio } as CSSProperties;
  return (
    <div className="report-pictures">
      <div>
        <span className="report-layers" style={shape}>
          <img
            src={picture}
            alt={t("result.viewer.picture")}
            onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setRatio(naturalWidth / naturalHeight || 1)}
          />
        </span>
      </div>
      {overlay && (
        <figure>
          <span className="report-layers" style={shape}>
            <img src={picture} alt="" />
            <img src={`data:image/png;base64,${overlay}`} alt={t("result.heat.name")} />
          </span>
          <figcaption>
            {t("result.heat.caption")} {t("result.heat.of", { label: words.label(best(prediction)) })}
            <HeatLegend />
          </figcaption>
        </figure>
      )}
    </div>
  );
}
