import { Phone, Siren } from "lucide-react";
import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { useSettings } from "../../stores/settings";

/** The number to call: this person's own choice, else the operator's; empty where neither has said one. */
function useEmergencyNumber(): string {
  const own = useSettings((settings) => settings.emergencyNumber.trim());
  const operators = usePageSettings().data?.emergency_number;
  return own || (operators ?? "");
}

/** Whom to call, above an answer that takes the question for an emergency. `isNew`: read out at once. */
export function Emergency({ isNew }: { isNew: boolean }) {
  const { t } = useTranslation();
  const number = useEmergencyNumber();
  return (
    <div className="chat-emergency" role={isNew ? "alert" : undefined}>
      <Siren aria-hidden size={24} />
      <p>
        <strong>{t("chat.emergency.title")}</strong> {!number && t("chat.emergency.local")}
      </p>
      {number && (
        <a className="button danger" href={dialled(number)}>
          <Phone aria-hidden size={18} />
          {t("chat.emergency.call")} <bdi dir="ltr">{number}</bdi>
        </a>
      )}
    </div>
  );
}

function dialled(number: string): string {
  return `tel:${encodeURIComponent(number.replace(/[^0-9+*#]/g, "")).replace("%2B", "+")}`;
}
