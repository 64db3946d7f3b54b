import { onlineManager } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { useTranslation } from "react-i18next";
import { useHealth } from "../api/queries";
import { Notice } from "../ui/Notice";

const subscribe = (listener: () => void) => onlineManager.subscribe(listener);

/** Says when nobody can be asked. */
export function Connection() {
  const { t } = useTranslation();
  const isOnline = useSyncExternalStore(subscribe, () => onlineManager.isOnline());
  const { isError } = useHealth();
  if (isOnline && !isError) return null;
  return (
    <div className="connection">
      <Notice tone="warning" isAlert>
        {isOnline ? t("common.unreachable") : t("common.offline")}
      </Notice>
    </div>
  );
}
