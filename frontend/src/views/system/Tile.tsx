import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Status } from "../../ui/Status";
import { Reason } from "./Reason";
import { Sparkline } from "./Sparkline";
import { type Point, busyness, timeline } from "./activity";
import { useMeasures } from "./measures";

interface Props {
  service: Health["services"][string];
  /** undefined: not known (yet). */
  points: readonly Point[] | undefined;
}

/** One model: whether it works, why not, and how busy it is. */
export function Tile({ service, points }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const name = words.model(service.model);
  return (
    <li className="card system-tile">
      <h4>
        <Link href={`/models/${encodeURIComponent(service.model)}`}>{name}</Link>
      </h4>
      <Status is={service.ready ? "good" : "bad"}>{t(service.ready ? "system.works" : "system.worksNot")}</Status>
      {service.reason && (
        <p>
          <Reason text={service.reason} />
        </p>
      )}
      {points && <Busy points={points} name={name} />}
    </li>
  );
}

function Busy({ points, name }: { points: readonly Point[]; name: string }) {
  const { t } = useTranslation();
  const { rate, milliseconds } = useMeasures();
  const { requests, perMinute, typicalMs, nowMs } = busyness(points);
  if (!requests) return <p className="quiet-text system-busy">{t("system.idle")}</p>;
  const typical = typicalMs === null ? t("system.noTimes") : t("system.typical", { time: milliseconds(typicalMs) });
  const now = nowMs === null ? t("system.quietNow") : t("system.nowTakes", { time: milliseconds(nowMs) });
  return (
    <div className="system-busy">
      <Sparkline values={timeline(points)} text={`${name}: ${typical} ${now}`} />
      <p className="number">{typical}</p>
      <p className="quiet-text number">{now}</p>
      {perMinute > 0 && <p className="quiet-text number">{rate(perMinute)}</p>}
    </div>
  );
}
