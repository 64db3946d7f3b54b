import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Notice } from "../../../ui/Notice";
import { RefusableForm } from "../RefusableForm";
import type { User } from "../queries";
import { RoleChoice } from "./RoleChoice";
import { useChange } from "./useChange";

interface Props {
  user: User;
  onDone: (text: string) => void;
  onClose: () => void;
}

export function ChangeRole({ user, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const [role, setRole] = useState(user.role);
  const name = user.username;
  const change = useChange(user, () => onDone(t("admin.users.roleChanged", { name, role: t(`common.role.${role}`) })));
  return (
    <Dialog title={t("admin.users.roleOf", { name })} isOpen onClose={onClose}>
      <RefusableForm error={change.error} fields={[]} onSubmit={() => change.mutate({ role })}>
        <RoleChoice value={role} onChange={setRole} />
        {user.role === "admin" && role !== "admin" && <Notice tone="warning">{t("admin.users.keysEnd")}</Notice>}
        <Button type="submit" isPending={change.isPending} isDisabled={role === user.role}>
          {t("common.save")}
        </Button>
      </RefusableForm>
    </Dialog>
  );
}
