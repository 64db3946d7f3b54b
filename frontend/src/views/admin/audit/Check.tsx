import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { English } from "../../../ui/English";
import { Loading } from "../../../ui/Loading";
import { Notice } from "../../../ui/Notice";
import { Trouble } from "../../../ui/Trouble";
import { type Checked, useCheck } from "./queries";

/** Whether the log is as it was written. */
export function Check() {
  const { t } = useTranslation();
  const { check, begin } = useCheck();
  const found = check.data;
  const isRunning = found?.running === true || begin.isPending;
  return (
    <section className="card">
      <div className="row apart">
        <h3>{t("admin.audit.check.title")}</h3>
        <Button look="plain" isDisabled={!found} isPending={isRunning} onPress={() => begin.mutate()}>
          {t("admin.audit.check.now")}
        </Button>
      </div>
      <p className="quiet-text">{t("admin.audit.check.lead")}</p>
      {check.isPending && <Loading />}
      <Trouble error={check.error} onRetry={() => void check.refetch()} />
      <Trouble error={begin.error} />
      <div role="status" className="stack">
        {isRunning && <Running />}
        {found && !isRunning && <Found found={found} />}
      </div>
      {found && !isRunning && <Problems found={found} />}
    </section>
  );
}

function Running() {
  const { t } = useTranslation();
  return (
    <div className="progress">
      <p>{t("admin.audit.check.running")}</p>
      <div className="track" role="progressbar" aria-label={t("admin.audit.check.running")}>
        <div className="fill admin-going" />
      </div>
    </div>
  );
}

const TONES = { intact: "good", damaged: "bad", unknown: "warning" } as const;

function Found({ found }: { found: Checked }) {
  const { t } = useTranslation();
  const words = useWords();
  const is = found.intact === null ? "unknown" : found.intact ? "intact" : "damaged";
  const { lines, slots, checked_at: at } = found;
  return (
    <Notice tone={TONES[is]}>
      <p>{t(`admin.audit.check.${is}`)}</p>
      {at && <small>{t("admin.audit.check.at", { at: words.moment(at) })}</small>}
      {lines !== null && <small>{t("admin.audit.check.lines", { count: lines, number: words.number(lines) })}</small>}
      {slots !== null && <small>{t("admin.audit.check.slots", { count: slots, number: words.number(slots) })}</small>}
      {found.reason && <English small>{found.reason}</English>}
    </Notice>
  );
}

function Problems({ found: { problems, more } }: { found: Checked }) {
  const { t } = useTranslation();
  const words = useWords();
  if (problems.length === 0) return null;
  return (
    <>
      <h4>{t("admin.audit.check.problems")}</h4>
      <ul className="stack admin-found">
        {problems.map(({ file, line, what }) => (
          <li key={`${file}:${line}:${what}`}>
            <code dir="ltr">{file}</code>{" "}
            {line ? t("admin.audit.check.line", { line: words.number(line) }) : t("admin.audit.check.wholeFile")}
            <English small>{what}</English>
          </li>
        ))}
      </ul>
      {more > 0 && <p>{t("admin.audit.check.more", { count: more, number: words.number(more) })}</p>}
    </>
  );
}
