import { useState } from "react";
import { useTranslation } from "react-i18next";
import { said, useWords } from "../../../i18n/words";
import { English } from "../../../ui/English";
import { Status } from "../../../ui/Status";
import { useModelName, useUserName } from "../names";
import { EntryDetails } from "./EntryDetails";
import type { Entry, Narrow } from "./filters";

/** A line of the log in words; what else it says is folded. */
export function EntryLine({ entry, onNarrow }: { entry: Entry; onNarrow: Narrow }) {
  const { t } = useTranslation();
  const words = useWords();
  const modelName = useModelName();
  const [isOpen, setOpen] = useState(false);
  const { time, action, model } = entry;
  return (
    <li>
      <details className="admin-entry" onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span className="number">{time ? words.moment(time) : t("admin.audit.noTime")}</span>
          <strong>{action ? t(`admin.audit.action.${action}`) : t("admin.audit.unreadable")}</strong>
          <span>
            <Who entry={entry} />
          </span>
          <span>{model && modelName(model)}</span>
          <Outcome entry={entry} />
        </summary>
        {entry.problem && (
          <p className="admin-entry-problem">
            <English>{entry.problem}</English>
          </p>
        )}
        {isOpen && <EntryDetails entry={entry} onNarrow={onNarrow} />}
      </details>
    </li>
  );
}

function Who({ entry: { subject, method } }: { entry: Entry }) {
  const { t } = useTranslation();
  const userName = useUserName();
  if (!subject) return null;
  const name = <bdi className="admin-short">{userName(subject) ?? subject}</bdi>;
  return method === "api_key" ? (
    <>
      {name} <span className="badge">{t("admin.audit.method.api_key")}</span>
    </>
  ) : (
    name
  );
}

function Outcome({ entry: { problem, outcome } }: { entry: Entry }) {
  const { t } = useTranslation();
  if (problem) return <Status is="bad">{t("admin.audit.damaged")}</Status>;
  if (!outcome) return null;
  return <Status is={outcome === "ok" ? "good" : "bad"}>{said(`admin.audit.outcome.${outcome}`, outcome)}</Status>;
}
