import { X } from "lucide-react";
import type { ReactNode } from "react";
import { Dialog as Inner, Heading, Modal, ModalOverlay } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

interface Props {
  title: string;
  isOpen: boolean;
  /** Not there: only what is inside can close it. */
  onClose?: () => void;
  isWide?: boolean;
  /** For a question that must be answered. */
  isAlert?: boolean;
  children: ReactNode;
}

export function Dialog({ title, isOpen, onClose, isWide = false, isAlert = false, children }: Props) {
  const { t } = useTranslation();
  return (
    <ModalOverlay
      className="overlay"
      isOpen={isOpen}
      isDismissable={false} // a click beside it would lose what was typed
      isKeyboardDismissDisabled={onClose === undefined}
      onOpenChange={(open) => !open && onClose?.()}
    >
      <Modal className={isWide ? "dialog wide" : "dialog"}>
        <Inner role={isAlert ? "alertdialog" : "dialog"}>
          <div className="dialog-head">
            <Heading slot="title">{title}</Heading>
            {onClose && (
              <Button look="quiet" onPress={onClose} aria-label={t("common.close")}>
                <X aria-hidden size={18} />
              </Button>
            )}
          </div>
          {children}
        </Inner>
      </Modal>
    </ModalOverlay>
  );
}
