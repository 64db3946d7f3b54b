import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { useSession } from "../../session/useSession";
import type { Analysis } from "../../stores/analyses";
import { codeOf } from "../../ui/Trouble";
import { isDown, isUnreached } from "./queue";

/** How an analysis stands, in words. */
export function useStateWords(): (analysis: Analysis, now: number) => string {
  const { t } = useTranslation();
  const words = useWords();
  const isExpired = useSession() === "expired";
  return (analysis, now) => {
    const { state, error, prediction } = analysis;
    if (state === "paused") return paused(analysis, now);
    if (state === "sending") return isExpired ? t("analyse.state.signIn") : t("analyse.state.sending", { share: words.percent(analysis.sent) });
    if (state === "failed") return words.problem(codeOf(error) ?? "OTHER");
    if (state !== "done" || !prediction) return t(`analyse.state.${state === "done" ? "computing" : state}`);
    if (!prediction.result || prediction.decision === "abstained") return t("analyse.state.abstained");
    return t("analyse.state.predicted", { label: words.label(prediction.result), confidence: words.percent(prediction.confidence) });
  };

  function paused(analysis: Analysis, now: number): string {
    if (isDown(analysis)) return t("analyse.state.down", { model: words.model(analysis.model) });
    if (isUnreached(analysis)) return t("analyse.state.unreached");
    return t("analyse.state.busy", { count: Math.max(0, Math.ceil(((analysis.retryAt ?? now) - now) / 1000)) });
  }
}

/** The time, each second while `isTicking`. */
export function useNow(isTicking: boolean): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    if (!isTicking) return;
    const tick = () => setNow(Date.now());
    const first = setTimeout(tick);
    const timer = setInterval(tick, 1000);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }, [isTicking]);
  return now;
}
