import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { Status } from "../../../ui/Status";
import { type Column, Table } from "../../../ui/Table";
import { useModelName, useUserName } from "../names";
import type { Key } from "../queries";

interface Props {
  keys: readonly Key[];
  /** When they were asked for; a key that ends before has ended. */
  at: number;
  onRevoke: (key: Key) => void;
}

export function KeyTable({ keys, at, onRevoke }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const modelName = useModelName();
  const userName = useUserName();
  const columns: Column<Key>[] = [
    { title: t("admin.keys.name"), cell: ({ name }) => <bdi>{name}</bdi> },
    { title: t("admin.users.role"), cell: ({ role }) => t(`common.role.${role}`) },
    {
      title: t("admin.keys.models"),
      cell: ({ models }) => (models ? words.list(models.map(modelName)) : t("admin.keys.all")),
    },
    { title: t("admin.keys.owner"), cell: ({ owner }) => <bdi>{userName(owner) ?? t("admin.keys.ownerGone")}</bdi> },
    { title: t("admin.keys.created"), cell: ({ created }) => words.moment(created) },
    { title: t("admin.keys.expires"), cell: ({ expires }) => <Expiry expires={expires} at={at} /> },
    {
      title: t("admin.keys.lastUsed"),
      cell: (key) => (key.last_used ? words.moment(key.last_used) : t("admin.users.never")),
    },
    {
      title: t("admin.actions"),
      cell: (key) => (
        <Button look="plain" onPress={() => onRevoke(key)} aria-label={t("admin.keys.revokeOne", { name: key.name })}>
          {t("admin.keys.revoke")}
        </Button>
      ),
    },
  ];
  return <Table className="admin-table" label={t("admin.keys.title")} columns={columns} rows={keys} idOf={({ id }) => id} />;
}

function Expiry({ expires, at }: { expires: string | null; at: number }) {
  const { t } = useTranslation();
  const words = useWords();
  if (!expires) return t("admin.keys.lasts.never");
  if (Date.parse(expires) > at) return words.moment(expires);
  return <Status is="bad">{t("admin.keys.expired", { at: words.moment(expires) })}</Status>;
}
