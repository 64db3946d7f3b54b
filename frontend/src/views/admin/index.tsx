import { Suspense } from "react";
import { useTranslation } from "react-i18next";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { later } from "../../app/later";
import { Loading } from "../../ui/Loading";
import "./admin.css";

const PARTS = [
  { name: "users", ...later(() => import("./users/Users")) },
  { name: "keys", ...later(() => import("./keys/Keys")) },
  { name: "versions", ...later(() => import("./versions/Versions")) },
  { name: "audit", ...later(() => import("./audit/Audit")) },
] as const;

/** What only administrators may do; each part at an address of its own. */
export default function View() {
  const { t } = useTranslation();
  return (
    <>
      <h2>{t("admin.title")}</h2>
      <Parts />
      <Suspense fallback={<Loading />}>
        <Switch>
          {PARTS.map(({ name, Content }) => (
            <Route key={name} path={`/admin/${name}`}>
              <Content />
            </Route>
          ))}
          <Route>
            <Redirect to="/admin/users" replace />
          </Route>
        </Switch>
      </Suspense>
    </>
  );
}

function Parts() {
  const { t } = useTranslation();
  const [path] = useLocation();
  return (
    <nav className="tab-list admin-parts" aria-label={t("admin.parts")}>
      {PARTS.map(({ name }) => (
        <Link key={name} className="tab" href={`/admin/${name}`} aria-current={path === `/admin/${name}` ? "page" : undefined}>
          {t(`admin.${name}.title`)}
        </Link>
      ))}
    </nav>
  );
}
