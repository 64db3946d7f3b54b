import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { RefusableForm } from "../RefusableForm";
import type { User } from "../queries";
import { PasswordField } from "./PasswordField";
import { useChange } from "./useChange";

const FIELDS = ["password"];

interface Props {
  user: User;
  onDone: (text: string) => void;
  onClose: () => void;
}

/** For somebody who has forgotten theirs. */
export function SetPassword({ user, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const [password, setPassword] = useState("");
  const name = user.username;
  const change = useChange(user, () => onDone(t("admin.users.passwordSet", { name })));
  return (
    <Dialog title={t("admin.users.passwordOf", { name })} isOpen onClose={onClose}>
      <p>{t("admin.users.sessionsEnd")}</p>
      <RefusableForm error={change.error} fields={FIELDS} onSubmit={() => change.mutate({ password })}>
        <PasswordField value={password} onChange={setPassword} />
        <Button type="submit" isPending={change.isPending}>
          {t("admin.users.setPassword")}
        </Button>
      </RefusableForm>
    </Dialog>
  );
}
