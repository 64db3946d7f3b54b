import { useTranslation } from "react-i18next";
import { Confirm } from "../../../ui/Confirm";
import { Trouble } from "../../../ui/Trouble";
import type { User } from "../queries";
import { useChange } from "./useChange";

interface Props {
  user: User;
  onDone: (text: string) => void;
  onClose: () => void;
}

/** Takes the access away, or gives it back. */
export function Disable({ user, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const name = user.username;
  const to = user.disabled ? "enable" : "disable";
  const change = useChange(user, () => onDone(t(`admin.users.${to}.done`, { name })));
  return (
    <Confirm
      title={t(`admin.users.${to}.title`, { name })}
      text={t(`admin.users.${to}.text`)}
      action={t(`admin.users.${to}.action`)}
      isOpen
      isPending={change.isPending}
      error={<Trouble error={change.error} />}
      onConfirm={() => change.mutate({ disabled: !user.disabled })}
      onClose={onClose}
    />
  );
}
