import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import arabic from "../../i18n/ar/texts.json";
import { English } from "../../ui/English";
import { translated } from "./texts";

/** A text of the gateway's, in the page's language where it was translated, else as it is. */
export function Told({ children }: { children: string }) {
  const { i18n } = useTranslation();
  const own = useMemo(() => (i18n.language === "ar" ? translated(children, arabic) : null), [children, i18n.language]);
  return own === null ? <English>{children}</English> : <span>{own}</span>;
}
