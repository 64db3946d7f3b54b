import i18next from "i18next";
import { Phone, Siren } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { type Language, load } from "../../i18n";
import { useSettings } from "../../stores/settings";

/** The number to call: this person's own choice, else the operator's; empty where neither has said one. */
function useEmergencyNumber(): string {
  const own = useSettings((settings) => settings.emergencyNumber.trim());
  const operators = usePageSettings().data?.emergency_number;
  return own || (operators ?? "");
}

interface Props {
  /** Read out at once. */
  isNew: boolean;
  /** The answer's, in which it is said, too, where it is not the page's. */
  language: Language;
}

/** Whom to call, above an answer that takes the question for an emergency. */
export function Emergency({ isNew, language }: Props) {
  const { t, i18n } = useTranslation();
  const number = useEmergencyNumber();
  return (
    <div className="chat-emergency" role={isNew ? "alert" : undefined}>
      <Siren aria-hidden size={24} />
      <p>
        <strong>{t("chat.emergency.title")}</strong> {!number && t("chat.emergency.local")}
      </p>
      {language !== i18n.language && <Again language={language} hasNumber={number !== ""} />}
      {number && (
        <a className="button danger" href={dialled(number)}>
          <Phone aria-hidden size={18} />
          {t("chat.emergency.call")} <bdi dir="ltr">{number}</bdi>
        </a>
      )}
    </div>
  );
}

/** The same in the language of who asked, once its texts are there. */
function Again({ language, hasNumber }: { language: Language; hasNumber: boolean }) {
  const [isThere, setThere] = useState(() => i18next.hasResourceBundle(language, "translation"));
  useEffect(() => void load(language).then(() => setThere(true), () => undefined), [language]); // prettier-ignore
  if (!isThere) return null;
  const t = i18next.getFixedT(language);
  return (
    <p lang={language} dir={i18next.dir(language)}>
      <strong>{t("chat.emergency.title")}</strong> {!hasNumber && t("chat.emergency.local")}
    </p>
  );
}

function dialled(number: string): string {
  return `tel:${encodeURIComponent(number.replace(/[^0-9+*#]/g, "")).replace("%2B", "+")}`;
}
