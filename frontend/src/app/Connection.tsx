import { useTranslation } from "react-i18next";
import { useHealth } from "../api/queries";
import { useUnspoken } from "../i18n";
import { Notice } from "../ui/Notice";
import { Trouble } from "../ui/Trouble";
import { useOnline } from "./useOnline";

/** Says when nobody can be asked, also for the texts of another language. */
export function Connection() {
  const { t } = useTranslation();
  const isOnline = useOnline();
  const { isError } = useHealth();
  const unspoken = useUnspoken();
  const isAway = !isOnline || isError;
  if (!isAway && !unspoken.error) return null;
  return (
    <div className="connection">
      {isAway && (
        <Notice tone="warning" isAlert>
          {isOnline ? t("common.unreachable") : t("common.offline")}
        </Notice>
      )}
      <Trouble error={unspoken.error} onRetry={unspoken.retry} />
    </div>
  );
}
