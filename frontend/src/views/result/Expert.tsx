import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

/** The numbers of an abstention, folded: the model does not stand by them. */
export function Expert({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <details className="expert">
      <summary>{t("result.expert")}</summary>
      <p className="quiet-text">{t("result.expertHint")}</p>
      {children}
    </details>
  );
}
