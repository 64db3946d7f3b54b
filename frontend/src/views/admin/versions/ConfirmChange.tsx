import { useTranslation } from "react-i18next";
import { Refused } from "../../../api/client";
import { Confirm } from "../../../ui/Confirm";
import { Trouble } from "../../../ui/Trouble";
import { Command } from "./Command";
import { commandsIn } from "./following";

interface Props {
  kind: "activate" | "rollback";
  version: string;
  model: string;
  isPending: boolean;
  error: unknown;
  onConfirm: () => void;
  onClose: () => void;
}

/** Says what it means before another version answers. */
export function ConfirmChange({ kind, version, model, isPending, error, onConfirm, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Confirm
      title={t(`admin.versions.confirm.${kind}`, { model, version })}
      text={t("admin.versions.confirm.text", { version })}
      action={t(kind === "activate" ? "admin.versions.activate" : "admin.versions.rollback")}
      isOpen
      isPending={isPending}
      error={<Why error={error} />}
      onConfirm={onConfirm}
      onClose={onClose}
    />
  );
}

/** With the command that does it instead, where the gateway names one. */
function Why({ error }: { error: unknown }) {
  const commands = error instanceof Refused ? commandsIn(error.message) : [];
  return (
    <>
      <Trouble error={error} />
      {commands.map((command) => (
        <Command key={command}>{command}</Command>
      ))}
    </>
  );
}
