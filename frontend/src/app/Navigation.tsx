import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useMe } from "../api/queries";
import { said } from "../i18n/words";
import { VIEWS, type View } from "./viewList";

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
          <Name name={name} />
        </Link>
      ))}
    </nav>
  );
}

/** Its title; on a phone, where six must fit beside each other, what is short for it, which the title begins with. */
function Name({ name }: Pick<View, "name">) {
  const { t } = useTranslation();
  const short = said(`${name}.short`, "");
  if (!short) return <span>{t(`${name}.title`)}</span>;
  return (
    <>
      <span className="views-long">{t(`${name}.title`)}</span>
      <span className="views-short" aria-hidden>
        {short}
      </span>
    </>
  );
}
