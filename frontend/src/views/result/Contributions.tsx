import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { said, useWords } from "../../i18n/words";
import { isUnread, weighty } from "./sentences";
import { useSigned } from "./signed";
import { Term } from "./Term";

/** The weightiest are shown at once. */
const SHOWN = 6;

interface Props {
  prediction: Prediction;
  /** All at once, and nothing to press. */
  isPrinted?: boolean;
}

/** What each number that was measured added to the answer; nothing where there are none, or none that may be believed. */
export function Contributions({ prediction, isPrinted = false }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const { explanation } = prediction;
  const found = explanation?.contributions;
  if (!explanation || !found || isUnread(prediction)) return null;
  const rows = weighty(found);
  const most = Math.max(...rows.map(([, added]) => Math.abs(added)), Number.EPSILON);
  const shown = isPrinted ? rows.length : SHOWN;
  return (
    <section className="contributions stack">
      <h4>
        {t("result.contributions.title", { label: words.label(explanation.target) })} {!isPrinted && <Term name="contributions" />}
      </h4>
      <p className="quiet-text">{t("result.contributions.text")}</p>
      <Rows rows={rows.slice(0, shown)} most={most} />
      <div className="row apart">
        <small>{t("result.contributions.against")}</small>
        <small>{t("result.contributions.for")}</small>
      </div>
      {rows.length > shown && (
        <details>
          <summary>{t("result.contributions.all")}</summary>
          <Rows rows={rows.slice(shown)} most={most} />
        </details>
      )}
    </section>
  );
}

function Rows({ rows, most }: { rows: readonly [string, number][]; most: number }) {
  return (
    <ul className="bars">
      {rows.map(([name, added]) => (
        <Row key={name} name={name} added={added} share={added / most} />
      ))}
    </ul>
  );
}

/** `share` -1…1: from the middle to the one side or the other. */
function Row({ name, added, share }: { name: string; added: number; share: number }) {
  const signed = useSigned();
  const size = { inlineSize: `${Math.abs(share) * 50}%` };
  return (
    <li className="bar-row signed">
      <span className="bar-label">{said(`result.feature.${name}`, name)}</span>
      <span className="number" dir="ltr">
        {signed(added)}
      </span>
      <span className="bar-track" aria-hidden>
        <span className={added < 0 ? "bar-fill against" : "bar-fill"} style={size} />
      </span>
    </li>
  );
}
