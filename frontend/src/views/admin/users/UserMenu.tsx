import { Ellipsis } from "lucide-react";
import { useId } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import type { User } from "../queries";

/** What can be done with an account. */
export type Act = "role" | "password" | "disable" | "remove";

interface Props {
  user: User;
  isSelf: boolean;
  onAct: (act: Act) => void;
}

export function UserMenu({ user, isSelf, onAct }: Props) {
  const { t } = useTranslation();
  const why = useId();
  const label = t("admin.users.actionsFor", { name: user.username });
  return (
    <>
      <MenuTrigger>
        <Button look="quiet" aria-label={label} {...(isSelf && { "aria-describedby": why })} isDisabled={isSelf}>
          <Ellipsis aria-hidden size={20} />
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu className="menu" aria-label={label} onAction={(act) => onAct(act as Act)}>
            <Item id="role" text={t("admin.users.changeRole")} />
            <Item id="password" text={t("admin.users.setPassword")} />
            <Item id="disable" text={t(`admin.users.${user.disabled ? "enable" : "disable"}.action`)} />
            <Item id="remove" text={t("common.remove")} />
          </Menu>
        </Popover>
      </MenuTrigger>
      {isSelf && <small id={why}>{t("admin.users.self")}</small>}
    </>
  );
}

function Item({ id, text }: { id: Act; text: string }) {
  return (
    <MenuItem id={id} className="option">
      {text}
    </MenuItem>
  );
}
