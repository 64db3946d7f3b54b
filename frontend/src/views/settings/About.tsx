import { useTranslation } from "react-i18next";
import { version } from "../../../package.json";
import { address } from "../../api/fetch";
import { usePageSettings } from "../../api/queries";
import { Loading } from "../../ui/Loading";
import { NewTab } from "../../ui/NewTab";
import { Notice } from "../../ui/Notice";
import { Trouble } from "../../ui/Trouble";

/** Which version this is, and where its API is described. */
export function About() {
  const { t } = useTranslation();
  const { data, error, refetch } = usePageSettings();
  return (
    <section className="card">
      <h3>{t("settings.about.title")}</h3>
      <dl className="settings-versions">
        <dt>{t("settings.about.page")}</dt>
        <dd dir="ltr">{version}</dd>
        <dt>{t("settings.about.system")}</dt>
        <dd dir="ltr">{data?.version}</dd>
      </dl>
      {!data && !error && <Loading lines={1} />}
      <Trouble error={error} onRetry={() => void refetch()} />
      {data && data.version !== version && <Notice tone="warning">{t("settings.about.differ")}</Notice>}
      <NewTab className="settings-link" href={address("/docs").href}>
        {t("settings.about.api")}
      </NewTab>
    </section>
  );
}
