import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { English } from "../../ui/English";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Trouble } from "../../ui/Trouble";
import { Outside } from "./Outside";
import { type Alert, severityOf, sorted } from "./alerts";
import { useAlerts } from "./queries";

/** What fires, the worst first. */
export function Alerts() {
  const { t } = useTranslation();
  const { data, error, refetch } = useAlerts();
  return (
    <section className="stack" aria-labelledby="system-alerts">
      <h3 id="system-alerts">{t("system.alerts.title")}</h3>
      {error && !data && <Trouble error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Loading lines={1} />}
      {data && !data.configured && <p className="quiet-text">{t("system.alerts.notConfigured")}</p>}
      {data?.configured && !data.reachable && <Notice tone="warning">{t("system.alerts.notReachable")}</Notice>}
      {data?.reachable && !data.alerts.length && <Notice tone="good">{t("system.alerts.none")}</Notice>}
      {data && data.alerts.length > 0 && (
        <ul className="stack">
          {sorted(data.alerts).map((alert) => (
            <One key={`${alert.name} ${alert.model ?? ""} ${alert.since} ${alert.summary}`} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

const TONES = { critical: "bad", warning: "warning", info: "info", other: "info" } as const;

function One({ alert }: { alert: Alert }) {
  const { t } = useTranslation();
  const words = useWords();
  const severity = severityOf(alert);
  return (
    <li>
      <Notice tone={TONES[severity]}>
        <p className="row">
          <strong>{t(`system.alerts.severity.${severity}`)}</strong>
          {alert.model && <span>{words.model(alert.model)}</span>}
          {alert.silenced && <span className="badge">{t("system.alerts.silenced")}</span>}
        </p>
        <English>{alert.summary || alert.name}</English>
        {alert.description && <English small>{alert.description}</English>}
        <small>{t("system.alerts.since", { at: words.moment(alert.since) })}</small>
        <p className="row">
          <Outside url={alert.runbook} about={alert.name}>{t("system.links.runbook")}</Outside>
          <Outside url={alert.dashboard} about={alert.name}>{t("system.links.dashboard")}</Outside>
        </p>
      </Notice>
    </li>
  );
}
