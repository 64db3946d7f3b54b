import { SquareCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { sorted } from "./sentences";
import { useShare } from "./useShare";

interface Props {
  probabilities: Record<string, number>;
  /** Those of the prediction set. */
  marked: readonly string[];
}

/** Every class with its probability, the most probable first. */
export function Bars({ probabilities, marked }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const share = useShare(1);
  return (
    <ul className="bars">
      {sorted(probabilities).map(([label, probability]) => (
        <li key={label} className={marked.includes(label) ? "bar-row marked" : "bar-row"}>
          <span className="bar-label">
            {words.label(label)}
            {marked.includes(label) && (
              <>
                <SquareCheck aria-hidden size={16} />
                <span className="visually-hidden">{t("result.set.in")}</span>
              </>
            )}
          </span>
          <span className="number">{share(probability)}</span>
          <span className="bar-track" aria-hidden>
            <span className="bar-fill" style={{ inlineSize: `${probability * 100}%` }} />
          </span>
        </li>
      ))}
    </ul>
  );
}
