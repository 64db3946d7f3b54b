import { useId } from "react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { STRANGE, strangeness } from "./sentences";
import { Term } from "./Term";

/** How unlike all that the model knows the picture is, on a scale with the limit. */
export function Strangeness({ score }: { score: number }) {
  const { t } = useTranslation();
  const words = useWords();
  const title = useId();
  const kind = strangeness(score);
  return (
    <div className="strangeness">
      <h4>
        <span id={title}>{t("result.strangeness.title")}</span> <Term name="strangeness" />
      </h4>
      <div
        className={`strange-scale ${kind}`}
        role="meter"
        aria-labelledby={title}
        aria-valuemin={0}
        aria-valuemax={1}
        aria-valuenow={score}
        aria-valuetext={t(`result.strangeness.${kind}`)}
      >
        <span className="strange-limit" style={{ insetInlineStart: `${STRANGE * 100}%` }} />
        <span className="strange-mark" style={{ insetInlineStart: `${score * 100}%` }} />
      </div>
      <div className="strange-ends" aria-hidden>
        <small>{t("result.strangeness.least")}</small>
        <small>{t("result.strangeness.limit", { limit: words.number(STRANGE, 1) })}</small>
        <small>{t("result.strangeness.most")}</small>
      </div>
      <p>
        {t(`result.strangeness.${kind}`)} <span className="number quiet-text">({words.number(score, 2)})</span>
      </p>
    </div>
  );
}
