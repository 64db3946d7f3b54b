import { Button } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { session } from "../auth/session";

const NAME: string = import.meta.env.VITE_APP_NAME ?? "DoctorAI";

export function Header({ signedIn }: { signedIn: boolean }) {
  const { t, i18n } = useTranslation();
  const other = i18n.language === "ar" ? "en" : "ar";
  return (
    <header>
      <img src="/icon.svg" alt="" width="32" height="32" />
      <h1>{NAME}</h1>
      <Button className="react-aria-Button plain" onPress={() => void i18n.changeLanguage(other)}>
        <span lang={other}>{t("language", { lng: other })}</span>
      </Button>
      {signedIn && (
        <Button className="react-aria-Button plain" onPress={() => void session.leave()}>
          {t("signOut")}
        </Button>
      )}
    </header>
  );
}
