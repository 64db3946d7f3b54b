import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { Outside } from "./Outside";

/** The operator's other tools, those that this system was told of. */
export function Links() {
  const { t } = useTranslation();
  const page = usePageSettings().data;
  const isAny = page && (page.grafana_url ?? page.alertmanager_url ?? page.runbooks_url);
  if (!isAny) return null;
  return (
    <p className="row">
      <Outside url={page.grafana_url}>{t("system.links.grafana")}</Outside>
      <Outside url={page.alertmanager_url}>{t("system.links.alertmanager")}</Outside>
      <Outside url={page.runbooks_url}>{t("system.links.runbooks")}</Outside>
    </p>
  );
}
