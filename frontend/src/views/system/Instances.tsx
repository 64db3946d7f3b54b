import { useTranslation } from "react-i18next";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { English } from "../../ui/English";
import { Rows } from "../../ui/Rows";
import { Status } from "../../ui/Status";
import { Reason } from "./Reason";
import { useMeasures } from "./measures";
import { ordered } from "./outlook";
import { reasonOf } from "./reasons";

type Instance = Health["services"][string]["instances"][number];

/** Every process that serves a model, as it last said of itself. */
export function Instances({ health }: { health: Health }) {
  const { t } = useTranslation();
  const columns = useColumns();
  const found = ordered(health.services).flatMap(([, service]) => service.instances);
  const heads = (["service", "instance", "version", "state", "inFlight", "memory", "seen"] as const).map((one) => t(`system.columns.${one}`));
  return (
    <section className="stack" aria-labelledby="system-instances">
      <h3 id="system-instances">{t("system.instances")}</h3>
      {found.length ? (
        <Rows label={t("system.instances")} heads={heads} rows={found.map((one) => ({ key: one.id, cells: columns(one) }))} />
      ) : (
        <p className="quiet-text">{t("system.reasons.none")}</p>
      )}
    </section>
  );
}

function useColumns() {
  const words = useWords();
  const { megabytes } = useMeasures();
  return (one: Instance) => [
    words.model(one.model),
    <Where key="where" one={one} />,
    <Versions key="versions" one={one} />,
    <State key="state" one={one} />,
    words.number(one.in_flight ?? 0),
    one.rss_bytes ? megabytes(one.rss_bytes) : "–",
    words.time(one.last_seen),
  ];
}

function Where({ one }: { one: Instance }) {
  return (
    <>
      <code dir="ltr">{one.id}</code>
      <br />
      <code dir="ltr" className="quiet-text">{one.address}</code>
    </>
  );
}

function Versions({ one }: { one: Instance }) {
  const { t } = useTranslation();
  return (
    <>
      <bdi>{one.version ?? "–"}</bdi>
      {Object.entries(one.beside ?? {}).map(([role, version]) => (
        <small key={role} className="system-line">
          {role === "canary" || role === "shadow" ? t(`system.role.${role}`) : role} <bdi>{version}</bdi>
        </small>
      ))}
    </>
  );
}

function State({ one }: { one: Instance }) {
  const { t } = useTranslation();
  return (
    <>
      <Status is={one.ready ? "good" : "bad"}>{t(one.ready ? "system.up" : "system.down")}</Status>
      {one.reason && <span className="system-line"><Reason text={one.reason} /></span>}
      {one.reason && reasonOf(one.reason) && <English small>{one.reason}</English>}
      {one.notice && <English small>{one.notice}</English>}
    </>
  );
}
