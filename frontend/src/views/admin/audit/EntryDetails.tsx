import { Funnel } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { said, useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { English } from "../../../ui/English";
import { Id } from "../Id";
import { useModelName, useUserName } from "../names";
import type { Entry, Narrow } from "./filters";

interface Props {
  entry: Entry;
  onNarrow: Narrow;
}

/** Everything that a line says, and the line as it is. */
export function EntryDetails({ entry, onNarrow }: Props) {
  const { t } = useTranslation();
  return (
    <div className="admin-entry-details">
      <dl>
        <Who entry={entry} onNarrow={onNarrow} />
        <What entry={entry} />
        <Where entry={entry} onNarrow={onNarrow} />
      </dl>
      <details>
        <summary>{t("admin.audit.raw")}</summary>
        <pre dir="ltr" tabIndex={0}>
          {JSON.stringify(entry, null, 2)}
        </pre>
      </details>
    </div>
  );
}

function Item({ term, children }: { term: string; children: ReactNode }) {
  if (children === null || children === false || children === "") return null;
  return (
    <div>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Ident({ term, id, onOnly }: { term: string; id: string | null; onOnly?: (id: string) => void }) {
  const { t } = useTranslation();
  if (!id) return null;
  return (
    <Item term={term}>
      <Id label={t("common.copy")}>{id}</Id>
      {onOnly && (
        <Button look="quiet" onPress={() => onOnly(id)}>
          <Funnel aria-hidden size={16} />
          {t("admin.audit.only")}
        </Button>
      )}
    </Item>
  );
}

function Who({ entry, onNarrow }: Props) {
  const { t } = useTranslation();
  const userName = useUserName();
  const { subject, role, method, client } = entry;
  const name = subject && userName(subject);
  return (
    <>
      <Item term={t("admin.audit.field.user")}>{name && <bdi>{name}</bdi>}</Item>
      <Ident
        term={t("admin.audit.field.subject")}
        id={subject}
        onOnly={(id) => onNarrow({ subject: userName(id) ?? id })}
      />
      <Item term={t("admin.audit.field.role")}>{role && said(`common.role.${role}`, role)}</Item>
      <Item term={t("admin.audit.field.method")}>{method && t(`admin.audit.method.${method}`)}</Item>
      <Ident term={t("admin.audit.field.key_id")} id={entry.key_id} />
      <Item term={t("admin.audit.field.client")}>{client && <code dir="ltr">{client}</code>}</Item>
    </>
  );
}

function What({ entry }: { entry: Entry }) {
  const { t } = useTranslation();
  const words = useWords();
  const modelName = useModelName();
  const { model, model_version: version, decision, result, confidence, cached, detail } = entry;
  return (
    <>
      <Item term={t("admin.audit.field.model")}>{model && modelName(model)}</Item>
      <Item term={t("admin.audit.field.model_version")}>{version && <bdi>{version}</bdi>}</Item>
      <Item term={t("admin.audit.field.decision")}>{decision && said(`admin.audit.decision.${decision}`, decision)}</Item>
      <Item term={t("admin.audit.field.result")}>{result && words.label(result)}</Item>
      <Item term={t("admin.audit.field.confidence")}>{confidence !== null && words.percent(confidence, 1)}</Item>
      <Item term={t("admin.audit.field.cached")}>
        {cached !== null && t(cached ? "admin.audit.cached.yes" : "admin.audit.cached.no")}
      </Item>
      {Object.entries(detail ?? {}).map(([name, value]) => (
        <Item key={name} term={name}>
          <English>{value}</English>
        </Item>
      ))}
    </>
  );
}

function Where({ entry, onNarrow }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const userName = useUserName();
  const { target, slot, seq } = entry;
  return (
    <>
      <Ident
        term={t("admin.audit.field.request_id")}
        id={entry.request_id}
        onOnly={(requestId) => onNarrow({ requestId })}
      />
      <Item term={t("admin.audit.field.targetUser")}>{target && userName(target)}</Item>
      <Ident term={t("admin.audit.field.target")} id={target} />
      <Ident term={t("admin.audit.field.input")} id={entry.input} />
      <Item term={t("admin.audit.field.place")}>
        {seq === null
          ? t("admin.audit.slot", { slot: words.number(slot) })
          : t("admin.audit.place", { slot: words.number(slot), line: words.number(seq) })}
      </Item>
    </>
  );
}
