import { CircleAlert, CircleCheck, TriangleAlert } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { down } from "./outlook";

const LOOKS = {
  healthy: { icon: CircleCheck, tone: "good" },
  degraded: { icon: TriangleAlert, tone: "warning" },
  unhealthy: { icon: CircleAlert, tone: "bad" },
} as const;

/** How the system is, in one sentence; then what that means. */
export function Overall({ health, isOld }: { health: Health; isOld: boolean }) {
  const { t } = useTranslation();
  const { icon: Icon, tone } = LOOKS[health.status];
  return (
    <div className={`system-overall notice ${tone}`}>
      <Icon aria-hidden size={32} />
      <div>
        <h3>{isOld ? t("system.lastKnown", { state: t(`system.${health.status}`) }) : t(`system.${health.status}`)}</h3>
        {!isOld && <Meaning health={health} />}
      </div>
    </div>
  );
}

function Meaning({ health }: { health: Health }) {
  const { t } = useTranslation();
  const words = useWords();
  const missing = down(health).map(words.model);
  const { redis, audit } = health.dependencies;
  if (health.status === "unhealthy") return <p>{t("system.meaning.unhealthy")}</p>;
  return (
    <>
      {health.status === "healthy" && <p>{t("system.meaning.healthy")}</p>}
      {missing.length > 0 && <p>{t("system.meaning.down", { models: words.list(missing) })}</p>}
      {redis.status === "down" && <p>{t("system.redis.down")}</p>}
      {redis.status === "degraded" && <p>{t("system.redis.degraded")}</p>}
      {audit?.status === "down" && <p>{t("system.audit.down")}</p>}
    </>
  );
}
