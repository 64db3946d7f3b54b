import { useTranslation } from "react-i18next";
import { LANGUAGES, type Language, speak } from "../../i18n";
import { type Theme, useSettings } from "../../stores/settings";
import { Choice } from "../../ui/Choice";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
/** Each in its own words, for those who cannot read the other one. */
const NAMES: Record<Language, string> = { en: "English", ar: "العربية" };

export function Look() {
  const { t, i18n } = useTranslation();
  const { theme, setTheme } = useSettings();
  return (
    <section className="card">
      <h3>{t("settings.look")}</h3>
      <Choice
        label={t("common.switchLanguage")}
        value={i18n.language as Language}
        options={LANGUAGES.map((id) => ({ id, text: NAMES[id] }))}
        onChange={(language) => void speak(language)}
      />
      <Choice
        label={t("common.theme.title")}
        value={theme}
        options={THEMES.map((id) => ({ id, text: t(`common.theme.${id}`) }))}
        onChange={setTheme}
      />
    </section>
  );
}
