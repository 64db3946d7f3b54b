import { useTranslation } from "react-i18next";
import type { Health } from "../../api/client";
import { English } from "../../ui/English";
import { Status } from "../../ui/Status";
import { useMeasures } from "./measures";

/** What all of the models lean on. */
export function Dependencies({ health, isFull }: { health: Health; isFull: boolean }) {
  const { t } = useTranslation();
  const { milliseconds } = useMeasures();
  const { redis, audit = { status: "up", reason: null } } = health.dependencies;
  return (
    <ul className="tiles">
      <li className="card system-tile">
        <h4>{t("system.redis.title")}</h4>
        <Status is={redis.status === "up" ? "good" : "bad"}>{t(redis.status === "up" ? "system.works" : "system.troubled")}</Status>
        <p className="quiet-text">{t(`system.redis.${redis.status}`)}</p>
        {isFull && typeof redis.latency_ms === "number" && (
          <p className="number">{t("system.redis.latency", { time: milliseconds(redis.latency_ms) })}</p>
        )}
        {isFull && redis.reason && <English small>{redis.reason}</English>}
      </li>
      <li className="card system-tile">
        <h4>{t("system.audit.title")}</h4>
        <Status is={audit.status === "up" ? "good" : "bad"}>{t(audit.status === "up" ? "system.works" : "system.troubled")}</Status>
        <p className="quiet-text">{t(`system.audit.${audit.status}`)}</p>
        {isFull && audit.reason && <English small>{audit.reason}</English>}
      </li>
    </ul>
  );
}
