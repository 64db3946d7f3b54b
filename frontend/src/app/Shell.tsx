import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { AccountMenu } from "./AccountMenu";
import { Connection } from "./Connection";
import { Navigation } from "./Navigation";
import { APP_NAME } from "./useTitle";

/** What is around every view. */
export function Shell({ isIn, children }: { isIn: boolean; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <a className="skip" href="#content">
        {t("common.skip")}
      </a>
      <header className="bar">
        <img src="/icon.svg" alt="" width="30" height="30" />
        <h1>{APP_NAME}</h1>
        {isIn && <Navigation />}
        <AccountMenu isIn={isIn} />
      </header>
      <Connection />
      <main id="content" tabIndex={-1}>
        {children}
      </main>
      <footer className="foot">{t("common.disclaimer")}</footer>
    </>
  );
}
