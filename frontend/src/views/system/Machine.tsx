import { useTranslation } from "react-i18next";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Status } from "../../ui/Status";
import { useMeasures } from "./measures";

/** The gateway and the machine that it runs on. */
export function Machine({ health }: { health: Health }) {
  const { t } = useTranslation();
  const words = useWords();
  const { duration } = useMeasures();
  const { cpu_percent, memory_percent, disk_percent, load } = health.system;
  const facts = [
    ["cpu", words.percent(cpu_percent / 100)],
    ["memory", words.percent(memory_percent / 100)],
    ["disk", <Disk key="disk" percent={disk_percent} />],
    ["load", load.map((one) => words.number(one, 1)).join(t("common.comma"))],
    ["uptime", duration(health.uptime)],
    ["version", <bdi key="version">{health.version}</bdi>],
  ] as const;
  return (
    <section className="stack" aria-labelledby="system-machine">
      <h3 id="system-machine">{t("system.machine.title")}</h3>
      <dl className="system-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{t(`system.machine.${name}`)}</dt>
            <dd className="number">{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const FILLING = 85;
const FULL = 95;

/** How full the disk is; said, too, when somebody has to make room. */
function Disk({ percent }: { percent: number }) {
  const { t } = useTranslation();
  const words = useWords();
  const share = words.percent(percent / 100);
  if (percent < FILLING) return share;
  const state = percent < FULL ? "filling" : "full";
  return (
    <>
      {share} <Status is={state === "full" ? "bad" : "warning"}>{t(`system.machine.${state}`)}</Status>
    </>
  );
}
