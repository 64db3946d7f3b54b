import { useTranslation } from "react-i18next";
import { Button } from "./Button";
import { Dialog } from "./Dialog";

interface Props {
  title: string;
  text: string;
  /** What the button that does it says. */
  action: string;
  isOpen: boolean;
  isPending?: boolean;
  error?: React.ReactNode;
  onConfirm: () => void;
  onClose: () => void;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ title, text, action, isOpen, isPending = false, error, onConfirm, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog title={title} isOpen={isOpen} onClose={onClose} isAlert>
      <p>{text}</p>
      {error}
      <div className="row end">
        <Button look="plain" onPress={onClose}>
          {t("common.cancel")}
        </Button>
        <Button look="danger" onPress={onConfirm} isPending={isPending}>
          {action}
        </Button>
      </div>
    </Dialog>
  );
}
