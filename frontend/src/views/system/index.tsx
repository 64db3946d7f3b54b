import { useTranslation } from "react-i18next";
import { useHealth, useMe } from "../../api/queries";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Trouble } from "../../ui/Trouble";
import { Alerts } from "./Alerts";
import { Changes } from "./Changes";
import { Dependencies } from "./Dependencies";
import { Instances } from "./Instances";
import { Links } from "./Links";
import { Machine } from "./Machine";
import { Overall } from "./Overall";
import { Tile } from "./Tile";
import { Times } from "./Times";
import { pointsOf } from "./activity";
import { ordered } from "./outlook";
import { useActivity } from "./queries";
import "./system.css";

/** How the system is: in a sentence for everybody, in full for administrators. */
export default function View() {
  const { t } = useTranslation();
  const health = useHealth();
  const isOld = health.isError || health.fetchStatus === "paused";
  return (
    <>
      <div className="row apart">
        <h2>{t("system.title")}</h2>
        {health.data && <AsOf at={health.dataUpdatedAt} />}
      </div>
      {!health.data && (health.error ? <Trouble error={health.error} onRetry={() => void health.refetch()} /> : <Loading lines={6} />)}
      {health.data && isOld && <Notice tone="warning">{t("system.old")}</Notice>}
      {health.data && <Known health={health.data} isOld={isOld} />}
    </>
  );
}

function AsOf({ at }: { at: number }) {
  const { t } = useTranslation();
  const words = useWords();
  return <p className="quiet-text number">{t("system.asOf", { at: words.time(at) })}</p>;
}

/** `isOld`: what the gateway said before it stopped to answer. */
function Known({ health, isOld }: { health: Health; isOld: boolean }) {
  const { t } = useTranslation();
  const isAdmin = useMe().data?.role === "admin";
  const activity = useActivity();
  return (
    <div className={isOld ? "stack system old" : "stack system"}>
      <Changes health={health} />
      <Overall health={health} isOld={isOld} />
      <section className="stack" aria-labelledby="system-models">
        <h3 id="system-models">{t("system.models")}</h3>
        <ul className="tiles">
          {ordered(health.services).map(([name, service]) => (
            <Tile key={name} service={service} points={activity.data && pointsOf(activity.data, service.model)} />
          ))}
        </ul>
      </section>
      <section className="stack" aria-labelledby="system-beside">
        <h3 id="system-beside">{t("system.beside")}</h3>
        <Dependencies health={health} isFull={isAdmin} />
      </section>
      {isAdmin && (
        <>
          <Alerts />
          <Links />
          <Instances health={health} />
          {activity.data && <Times health={health} activity={activity.data} />}
          <Machine health={health} />
        </>
      )}
    </div>
  );
}
