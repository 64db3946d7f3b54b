import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useMe } from "../api/queries";
import { VIEWS } from "./viewList";

/** The views; on a phone at the lower edge, where a thumb is. */
export function Navigation() {
  const { t } = useTranslation();
  const [path] = useLocation();
  const isAdmin = useMe().data?.role === "admin";
  const shown = VIEWS.filter((view) => view.name !== "settings" && (isAdmin || !view.isForAdmins));
  return (
    <nav className="views" aria-label={t("common.views")}>
      {shown.map(({ name, icon: Icon }) => (
        <Link key={name} href={`/${name}`} aria-current={path.split("/")[1] === name ? "page" : undefined}>
          <Icon aria-hidden size={18} />
          <span>{t(`${name}.title`)}</span>
        </Link>
      ))}
    </nav>
  );
}
