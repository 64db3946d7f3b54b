import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { English } from "../../../ui/English";
import { Notice } from "../../../ui/Notice";
import { Status } from "../../../ui/Status";
import { type ModelVersions, following, isLate } from "./following";

interface Props {
  doc: ModelVersions;
  /** When a change was made here. */
  since: number | null;
  /** Of the last answer. */
  now: number;
}

/** Whether each instance serves what was chosen. */
export function Instances({ doc, since, now }: Props) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <h4>{t("admin.versions.instances")}</h4>
      <div role="status">
        <Followed doc={doc} isLate={isLate(doc, since, now)} />
      </div>
      <ul className="stack admin-found">
        {doc.instances.map(({ id, version, notice }) => (
          <li key={id} className="row">
            <code dir="ltr">{id}</code>
            <span>{version ? <bdi>{version}</bdi> : t("admin.versions.serving.nothing")}</span>
            {notice && <English small>{notice}</English>}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Followed({ doc, isLate: late }: { doc: ModelVersions; isLate: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const { wanted, total, followed, isDone } = following(doc);
  const version = wanted ?? "";
  if (total === 0) return <Notice tone="warning">{t("admin.versions.serving.nobody")}</Notice>;
  if (!wanted) return null;
  if (isDone) return <Status is="good">{t("admin.versions.serving.all", { version })}</Status>;
  const gaps = { version, followed: words.number(followed), total: words.number(total) };
  const some = t(late ? "admin.versions.serving.late" : "admin.versions.serving.some", gaps);
  return <Notice tone={late ? "bad" : "warning"}>{some}</Notice>;
}
