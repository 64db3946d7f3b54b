import { Copy } from "../../../ui/Copy";
import { useTranslation } from "react-i18next";

/** A command for a terminal. */
export function Command({ children }: { children: string }) {
  const { t } = useTranslation();
  return (
    <span className="admin-command">
      <code dir="ltr">{children}</code>
      <Copy text={children} label={t("admin.versions.copyCommand")} />
    </span>
  );
}
