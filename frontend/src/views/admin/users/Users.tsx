import { UserPlus, Users as People } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "../../../api/queries";
import { Button } from "../../../ui/Button";
import { Empty } from "../../../ui/Empty";
import { Field } from "../../../ui/Field";
import { Loading } from "../../../ui/Loading";
import { Trouble } from "../../../ui/Trouble";
import { Section } from "../Section";
import { type User, useUsers } from "../queries";
import { useLanding } from "../useLanding";
import { AddUser } from "./AddUser";
import { ChangeRole } from "./ChangeRole";
import { Disable } from "./Disable";
import { Remove } from "./Remove";
import { SetPassword } from "./SetPassword";
import type { Act } from "./UserMenu";
import { UserTable } from "./UserTable";
import { found } from "./found";

const MANY = 8;
const DIALOGS = { role: ChangeRole, password: SetPassword, disable: Disable, remove: Remove };

/** The accounts: who may sign in, and what they may do. */
export default function Users() {
  const { t } = useTranslation();
  const users = useUsers();
  const me = useMe().data;
  const { heading, land } = useLanding();
  const [done, setDone] = useState("");
  const [isAdding, setAdding] = useState(false);
  const [open, setOpen] = useState<{ act: Act; user: User } | null>(null);
  const Changing = open && DIALOGS[open.act];
  function finish(text: string) {
    setOpen(null);
    setAdding(false);
    setDone(text);
    if (open?.act === "remove") land(); // the row that had the focus has gone
  }
  const add = (
    <Button onPress={() => setAdding(true)}>
      <UserPlus aria-hidden size={18} />
      {t("admin.users.add")}
    </Button>
  );
  return (
    <Section title={t("admin.users.title")} lead={t("admin.users.lead")} done={done} heading={heading} action={add}>
      {users.isPending && <Loading />}
      <Trouble error={users.error} onRetry={() => void users.refetch()} />
      {users.data?.length === 0 && <Empty icon={People} title={t("admin.users.none")} text={t("admin.users.noneText")} />}
      {users.data && users.data.length > 0 && (
        <List users={users.data} ownId={me?.id ?? ""} onAct={(user, act) => setOpen({ user, act })} />
      )}
      {isAdding && (
        <AddUser onAdded={(name) => finish(t("admin.users.added", { name }))} onClose={() => setAdding(false)} />
      )}
      {open && Changing && <Changing user={open.user} onDone={finish} onClose={() => setOpen(null)} />}
    </Section>
  );
}

interface ListProps {
  users: User[];
  ownId: string;
  onAct: (user: User, act: Act) => void;
}

function List({ users, ownId, onAct }: ListProps) {
  const { t } = useTranslation();
  const [wanted, setWanted] = useState("");
  const shown = found(users, wanted);
  return (
    <>
      {users.length > MANY && (
        <div className="admin-search">
          <Field type="search" label={t("admin.users.search")} value={wanted} onChange={setWanted} />
        </div>
      )}
      <p role="status" className="quiet-text">
        {wanted ? t("admin.users.found", { count: shown.length }) : t("admin.users.count", { count: users.length })}
      </p>
      {shown.length > 0 && <UserTable users={shown} ownId={ownId} onAct={onAct} />}
    </>
  );
}
