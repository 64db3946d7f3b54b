import { useSyncExternalStore } from "react";
import { I18nProvider, Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { session } from "./auth/session";
import { Header } from "./components/Header";
import { Analyse } from "./views/Analyse";
import { Chat } from "./views/Chat";
import { SignIn } from "./views/SignIn";
import { System } from "./views/System";

const VIEWS = { analyse: Analyse, chat: Chat, system: System };

export function App() {
  const { t, i18n } = useTranslation();
  const signedIn = useSyncExternalStore(session.subscribe, session.active);
  return (
    <I18nProvider locale={i18n.language}>
      <Header signedIn={signedIn} />
      <main>{signedIn ? <Views /> : <SignIn />}</main>
      <footer>{t("disclaimer")}</footer>
    </I18nProvider>
  );
}

function Views() {
  const { t } = useTranslation();
  return (
    <Tabs>
      <TabList aria-label={t("views")}>
        {Object.keys(VIEWS).map((name) => (
          <Tab key={name} id={name}>
            {t(`${name}.title`)}
          </Tab>
        ))}
      </TabList>
      {Object.entries(VIEWS).map(([name, View]) => (
        // what was asked stays while another view is looked at
        <TabPanel key={name} id={name} shouldForceMount>
          <View />
        </TabPanel>
      ))}
    </Tabs>
  );
}
