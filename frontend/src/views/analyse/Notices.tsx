import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { said, useWords } from "../../i18n/words";
import { type Refusal, type Repeat, useIntake } from "../../stores/intake";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { MEGABYTE, MOST_FILES, again, forgetRepeat, limitOf } from "./intake";

/** What became of the files that are not in the queue. */
export function Notices() {
  const { t } = useTranslation();
  const words = useWords();
  const { checking, undecided, tooMany, isEmpty, repeats } = useIntake();
  return (
    <div className="stack">
      <p role="status" className={checking > 0 ? "quiet-text" : "visually-hidden"}>
        {checking > 0 && t("analyse.checking", { count: checking })}
      </p>
      {undecided.length > 0 && <Notice>{t("analyse.undecided", { count: undecided.length })}</Notice>}
      {isEmpty && (
        <Notice tone="warning" isAlert>
          {t("analyse.noPictures")}
        </Notice>
      )}
      {tooMany > 0 && (
        <Notice tone="bad" isAlert>
          <p>{t("analyse.tooMany", { count: tooMany, most: words.number(MOST_FILES) })}</p>
          <Button look="plain" onPress={() => useIntake.setState({ tooMany: 0 })}>
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
      <Button look="plain" onPress={() => useIntake.setState({ refusals: [] })}>
        {t("analyse.dismiss")}
      </Button>
    </Notice>
  );
}

function Refused({ one: { name, complaint, kind, size } }: { one: Refusal }) {
  const { t } = useTranslation();
  const words = useWords();
  const limit = limitOf(usePageSettings().data);
  const megabytes = (bytes: number) => words.number(bytes / MEGABYTE, 1);
  const sentence = t(`analyse.complaint.${complaint}`, { kind, size: megabytes(size), limit: megabytes(limit) });
  return (
    <li>
      <bdi className="analyse-strong">{name}</bdi> {complaint === "kind" ? said(`analyse.complaint.${kind}`, sentence) : sentence}
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
        <Button look="plain" onPress={() => again(one)}>
          {t("analyse.anyway")}
        </Button>
        <Button look="quiet" onPress={() => forgetRepeat(one.id)}>
          {t("analyse.leaveIt")}
        </Button>
      </div>
    </Notice>
  );
}
