import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Status } from "../../../ui/Status";
import { type Column, Table } from "../../../ui/Table";
import type { User } from "../queries";
import { type Act, UserMenu } from "./UserMenu";

interface Props {
  users: readonly User[];
  ownId: string;
  onAct: (user: User, act: Act) => void;
}

export function UserTable({ users, ownId, onAct }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const columns: Column<User>[] = [
    { title: t("session.username"), cell: ({ username }) => <bdi>{username}</bdi> },
    { title: t("admin.users.role"), cell: ({ role }) => t(`common.role.${role}`) },
    {
      title: t("admin.users.lastSignIn"),
      cell: (user) => (user.last_sign_in ? words.moment(user.last_sign_in) : t("admin.users.never")),
    },
    { title: t("admin.users.state"), cell: ({ disabled }) => <State disabled={disabled} /> },
    {
      title: t("admin.actions"),
      cell: (user) => <UserMenu user={user} isSelf={user.id === ownId} onAct={(act) => onAct(user, act)} />,
    },
  ];
  return <Table className="admin-table" label={t("admin.users.title")} columns={columns} rows={users} idOf={({ id }) => id} />;
}

function State({ disabled }: { disabled: boolean }) {
  const { t } = useTranslation();
  return <Status is={disabled ? "bad" : "good"}>{t(disabled ? "admin.users.off" : "admin.users.on")}</Status>;
}
