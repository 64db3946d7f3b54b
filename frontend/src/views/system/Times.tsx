import { useTranslation } from "react-i18next";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Rows } from "../../ui/Rows";
import { type Activity, busyness, pointsOf } from "./activity";
import { useMeasures } from "./measures";
import { ordered } from "./outlook";

/** Each model's last hour in numbers. */
export function Times({ health, activity }: { health: Health; activity: Activity }) {
  const { t } = useTranslation();
  const words = useWords();
  const { milliseconds } = useMeasures();
  const time = (ms: number | null) => (ms === null ? "–" : milliseconds(ms));
  const rows = ordered(health.services).map(([name, { model }]) => {
    const busy = busyness(pointsOf(activity, model));
    const counts = [words.number(busy.requests), words.number(busy.errors)];
    return { key: name, cells: [words.model(model), time(busy.nowMs), time(busy.now95Ms), time(busy.typicalMs), ...counts] };
  });
  const heads = (["service", "p50", "p95", "hour", "requests", "errors"] as const).map((one) => t(`system.columns.${one}`));
  return (
    <section className="stack" aria-labelledby="system-times">
      <h3 id="system-times">{t("system.times")}</h3>
      <Rows label={t("system.times")} heads={heads} rows={rows} />
      <small>{t("system.timesOf")}</small>
    </section>
  );
}
