import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { useSigned } from "../signed";
import { useShare } from "../useShare";
import type { Row } from "./comparison";

/** Each class with both probabilities, and what lies between them. */
export function Together({ rows }: { rows: readonly Row[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const share = useShare(1);
  const signed = useSigned(1);
  return (
    <div className="scroll">
      <table className="table">
        <caption className="visually-hidden">{t("result.probabilities")}</caption>
        <thead>
          <tr>
            <th scope="col">{t("result.compare.label")}</th>
            <th scope="col">{t("result.compare.first")}</th>
            <th scope="col">{t("result.compare.second")}</th>
            <th scope="col">{t("result.compare.difference")}</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(({ label, left, right, difference }) => (
            <tr key={label}>
              <th scope="row">{words.label(label)}</th>
              <Cell share={left} text={share(left)} />
              <Cell share={right} text={share(right)} />
              <td>
                <bdi dir="ltr">{signed(difference * 100)}</bdi>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ share, text }: { share: number; text: string }) {
  return (
    <td className="compare-cell">
      {text}
      <span className="bar-track" aria-hidden>
        <span className="bar-fill" style={{ inlineSize: `${share * 100}%` }} />
      </span>
    </td>
  );
}
