import { CircleUser } from "lucide-react";
import { useState } from "react";
import { Header, Menu, MenuItem, MenuSection, MenuTrigger, Popover, Separator } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useMe } from "../api/queries";
import { LANGUAGES, speak } from "../i18n";
import { ChangePassword } from "../session/ChangePassword";
import { session } from "../session/session";
import { type Theme, useSettings } from "../stores/settings";
import { Button } from "../ui/Button";

const THEMES: readonly Theme[] = ["system", "light", "dark"];
/** Each in its own words, for those who cannot read the other one. */
const NAMES = { en: "English", ar: "العربية" };

/** Who is signed in, and how the page looks. */
export function AccountMenu({ isIn }: { isIn: boolean }) {
  const { t } = useTranslation();
  const [isChanging, setChanging] = useState(false);
  return (
    <>
      <MenuTrigger>
        <Button look="quiet" aria-label={t("common.menu")}>
          <CircleUser aria-hidden size={22} />
        </Button>
        <Popover className="popover" placement="bottom end">
          <Menu className="menu">
            <Languages />
            <Themes />
            {isIn && <Account onChangePassword={() => setChanging(true)} />}
          </Menu>
        </Popover>
      </MenuTrigger>
      {isIn && isChanging && <ChangePassword onClose={() => setChanging(false)} />}
    </>
  );
}

function Languages() {
  const { t, i18n } = useTranslation();
  return (
    <MenuSection selectionMode="single" selectedKeys={[i18n.language]} disallowEmptySelection>
      <Header>{t("common.switchLanguage")}</Header>
      {LANGUAGES.map((language) => (
        <MenuItem key={language} id={language} className="option" onAction={() => void speak(language)}>
          <span lang={language}>{NAMES[language]}</span>
        </MenuItem>
      ))}
    </MenuSection>
  );
}

function Themes() {
  const { t } = useTranslation();
  const { theme, setTheme } = useSettings();
  return (
    <MenuSection selectionMode="single" selectedKeys={[theme]} disallowEmptySelection>
      <Header>{t("common.theme.title")}</Header>
      {THEMES.map((one) => (
        <MenuItem key={one} id={one} className="option" onAction={() => setTheme(one)}>
          {t(`common.theme.${one}`)}
        </MenuItem>
      ))}
    </MenuSection>
  );
}

function Account({ onChangePassword }: { onChangePassword: () => void }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const me = useMe().data;
  return (
    <>
      <Separator />
      <MenuSection>
        <Header>{me && `${me.username} · ${t(`common.role.${me.role}`)}`}</Header>
        <MenuItem className="option" onAction={() => go("/settings")}>
          {t("settings.title")}
        </MenuItem>
        <MenuItem className="option" onAction={onChangePassword}>
          {t("session.changePassword.title")}
        </MenuItem>
        <MenuItem className="option" onAction={() => void session.leave()}>
          {t("session.signOut")}
        </MenuItem>
      </MenuSection>
    </>
  );
}
