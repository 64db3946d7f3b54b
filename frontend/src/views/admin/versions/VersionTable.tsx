import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { English } from "../../../ui/English";
import { Status } from "../../../ui/Status";
import { type Column, Table } from "../../../ui/Table";
import { Command } from "./Command";
import { type ModelVersions, commandsIn } from "./following";

type Version = ModelVersions["versions"][number];

interface Props {
  doc: ModelVersions;
  name: string;
  onActivate: (version: string) => void;
}

/** What lies on the disk. */
export function VersionTable({ doc, name, onActivate }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const columns: Column<Version>[] = [
    { title: t("admin.versions.version"), cell: ({ version }) => <bdi>{version}</bdi> },
    {
      title: t("admin.versions.created"),
      cell: ({ created }) => (created ? words.moment(created) : t("admin.versions.unknown")),
    },
    { title: t("admin.versions.files"), cell: (version) => <Files version={version} /> },
    { title: t("admin.versions.role"), cell: ({ version }) => <Marks doc={doc} version={version} /> },
    {
      title: t("admin.actions"),
      cell: (version) => <Activate doc={doc} version={version} onActivate={onActivate} />,
    },
  ];
  return (
    <Table
      label={t("admin.versions.of", { model: name })}
      columns={columns}
      rows={doc.versions}
      idOf={({ version }) => version}
    />
  );
}

function Files({ version: { whole, problem } }: { version: Version }) {
  const { t } = useTranslation();
  return (
    <>
      <Status is={whole ? "good" : "bad"}>{t(whole ? "admin.versions.whole" : "admin.versions.broken")}</Status>
      {problem && <English small>{problem}</English>}
    </>
  );
}

function Marks({ doc, version }: { doc: ModelVersions; version: string }) {
  const { t } = useTranslation();
  const words = useWords();
  const marks = [
    doc.active === version && t("admin.versions.mark.active"),
    doc.pinned === version && t("admin.versions.mark.pinned"),
    doc.previous === version && t("admin.versions.mark.previous"),
    doc.canary?.version === version && t("admin.versions.mark.canary", { share: words.percent(doc.canary.share, 1) }),
    doc.shadow === version && t("admin.versions.mark.shadow"),
  ].filter((mark) => mark !== false);
  return (
    <span className="admin-marks">
      {marks.map((mark) => (
        <span key={mark} className="badge">
          {mark}
        </span>
      ))}
    </span>
  );
}

function Activate({ doc, version: { version, whole }, onActivate }: { doc: ModelVersions; version: Version; onActivate: (version: string) => void }) {
  const { t } = useTranslation();
  if (doc.active === version) return t("admin.versions.chosen");
  const [command] = doc.writable ? [] : commandsIn(doc.why_not, version);
  if (command) return <Command>{command}</Command>;
  return (
    <Button
      look="plain"
      isDisabled={!whole || !doc.writable}
      onPress={() => onActivate(version)}
      aria-label={t("admin.versions.activateOne", { version })}
    >
      {t("admin.versions.activate")}
    </Button>
  );
}
