import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Copy } from "../../ui/Copy";
import { Fact } from "./Fact";
import { Term } from "./Term";

const DIGEST_SHOWN = 12;
/** Of an answer that was there already nothing was timed. */
const TIMES = ["queue", "decode", "inference", "total"] as const;

/** Who answered, and how long it took. */
export function Details({ prediction }: { prediction: Prediction }) {
  const { t } = useTranslation();
  const words = useWords();
  const { timing_ms: timing, model_digest: digest } = prediction;
  return (
    <details className="details">
      <summary>{t("result.details.title")}</summary>
      <dl className="facts">
        <Fact name={t("result.details.when")}>{words.moment(prediction.timestamp)}</Fact>
        <Fact name={t("result.details.model")}>
          <code dir="ltr">
            {prediction.model} {prediction.model_version}
          </code>
        </Fact>
        {digest && (
          <Fact name={t("result.details.digest")}>
            <code dir="ltr">{digest.slice(0, DIGEST_SHOWN)}</code>
            <Copy text={digest} label={t("result.details.copyDigest")} /> <Term name="digest" />
          </Fact>
        )}
        <Fact name={t("result.details.instance")}>
          <code dir="ltr">{prediction.instance}</code>
        </Fact>
        <Fact name={t("result.details.request")}>
          <code dir="ltr">{prediction.request_id}</code>
          <Copy text={prediction.request_id} label={t("result.details.copyRequest")} />
        </Fact>
        <Fact name={t("result.details.cached")}>{t(prediction.cached ? "result.details.fromCache" : "result.details.fresh")}</Fact>
        {!prediction.cached && TIMES.map((name) => (
          <Fact key={name} name={t(`result.details.${name}`)}>
            {t("result.details.milliseconds", { value: words.number(timing[name], 1) })}
          </Fact>
        ))}
      </dl>
    </details>
  );
}
