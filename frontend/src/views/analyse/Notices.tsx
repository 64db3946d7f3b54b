import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { said, useWords } from "../../i18n/words";
import { type Refusal, type Repeat, useIntake } from "../../stores/intake";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { motion } from "./screen";
import { type Choice, useNameOf } from "./choices";
import { MEGABYTE, MOST_FILES, again, forgetRepeat, rulesOf } from "./intake";

/** What became of the files that are not in the queue. */
export function Notices() {
  const { t } = useTranslation();
  const words = useWords();
  const { checking, tooMany, isEmpty, repeats } = useIntake();
  return (
    <div className="stack">
      <p role="status" className={checking > 0 ? "quiet-text" : "visually-hidden"}>
        {checking > 0 && t("analyse.checking", { count: checking })}
      </p>
      {isEmpty && (
        <Notice tone="warning" isAlert>
          {t("analyse.noPictures")}
        </Notice>
      )}
      {tooMany > 0 && (
        <Notice tone="bad" isAlert>
          <p>{t("analyse.tooMany", { count: tooMany, most: words.number(MOST_FILES) })}</p>
          <Button look="plain" onPress={() => leave(() => useIntake.setState({ tooMany: 0 }))}>
            {t("analyse.dismiss")}
          </Button>
        </Notice>
      )}
      <Refusals />
      {repeats.map((one) => (
        <Repeated key={one.id} one={one} />
      ))}
    </div>
  );
}

/** What waits for a model to be chosen; brought before one's eyes, since it was given further down. */
export function Undecided() {
  const { t } = useTranslation();
  const count = useIntake((state) => state.undecided.length);
  const place = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (count > 0) place.current?.scrollIntoView({ block: "nearest", behavior: motion() });
  }, [count]);
  return (
    <div ref={place} role="status" className={count > 0 ? "analyse-undecided" : "visually-hidden"}>
      {count > 0 && <Notice>{t("analyse.undecided", { count })}</Notice>}
    </div>
  );
}

/** Sends what waits, and says to which model: the arrow keys choose each one that they pass. */
export function Waiting({ choices, onSend }: { choices: readonly Choice[]; onSend: (model: string) => void }) {
  const { t } = useTranslation();
  const nameOf = useNameOf();
  const { model, undecided } = useIntake();
  const chosen = undecided.length > 0 ? choices.find((choice) => choice.model === model) : undefined;
  return (
    <div role="status" className={chosen ? "analyse-waiting" : "visually-hidden"}>
      {chosen && (
        <Button onPress={() => leave(() => onSend(chosen.model))}>
          {t("analyse.sendWaiting", { count: undecided.length, model: nameOf(chosen) })}
        </Button>
      )}
    </div>
  );
}

function Refusals() {
  const { t } = useTranslation();
  const refusals = useIntake((state) => state.refusals);
  if (refusals.length === 0) return null;
  return (
    <Notice tone="bad" isAlert>
      <p className="analyse-strong">{t("analyse.refused")}</p>
      <ul className="analyse-refusals">
        {refusals.map((one) => (
          <Refused key={one.id} one={one} />
        ))}
      </ul>
      <Button look="plain" onPress={() => leave(() => useIntake.setState({ refusals: [] }))}>
        {t("analyse.dismiss")}
      </Button>
    </Notice>
  );
}

function Refused({ one: { name, complaint, kind, size } }: { one: Refusal }) {
  const { t } = useTranslation();
  const words = useWords();
  const { limit, formats } = rulesOf(usePageSettings().data);
  const megabytes = (bytes: number) => words.number(bytes / MEGABYTE, 1);
  const values = { kind, size: megabytes(size), limit: megabytes(limit), formats: words.list([...formats]) };
  const sentence = t(`analyse.complaint.${complaint}`, values);
  return (
    <li>
      <bdi className="analyse-strong">{name}</bdi> {complaint === "kind" ? said(`analyse.complaint.${kind}`, sentence, values) : sentence}
    </li>
  );
}

function Repeated({ one }: { one: Repeat }) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <Notice isAlert>
      <p>{t("analyse.repeat", { name: one.file.name, model: words.model(one.model) })}</p>
      <div className="row">
        <Button look="plain" onPress={() => leave(() => again(one))}>
          {t("analyse.anyway")}
        </Button>
        <Button look="quiet" onPress={() => leave(() => forgetRepeat(one.id))}>
          {t("analyse.leaveIt")}
        </Button>
      </div>
    </Notice>
  );
}

/** The button that was pressed goes; then one is where pictures are given. */
function leave(change: () => void): void {
  change();
  document.getElementById("analyse-give")?.focus();
}
