import { Label, Radio, RadioGroup, Text } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { said, useWords } from "../../i18n/words";
import { useAnalyses } from "../../stores/analyses";
import { useIntake } from "../../stores/intake";
import { English } from "../../ui/English";
import { Status } from "../../ui/Status";
import { Reason } from "../system/Reason";
import { type Choice, isShipped, useNameOf } from "./choices";

/** The models by what somebody has in hand, a card each; in short once there are results to look at. */
export function ModelChoice({ choices }: { choices: readonly Choice[] }) {
  const { t } = useTranslation();
  const model = useIntake((state) => state.model);
  const isCompact = useAnalyses((state) => state.items.length > 0);
  return (
    <RadioGroup className="analyse-models" value={model} onChange={(chosen) => useIntake.setState({ model: chosen })}>
      <Label className="analyse-step">{t("analyse.models")}</Label>
      <Text slot="description" className="quiet-text">
        {t("analyse.modelsHint")}
      </Text>
      <div className={isCompact ? "analyse-cards compact" : "analyse-cards"}>
        {choices.map((choice) => (
          <Card key={choice.model} choice={choice} isChosen={choice.model === model} />
        ))}
      </div>
    </RadioGroup>
  );
}

function Card({ choice, isChosen }: { choice: Choice; isChosen: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const { model } = choice;
  const name = useNameOf()(choice);
  const isDisabled = choice.isReady === false || !choice.isAllowed;
  return (
    <div className={`analyse-card${isDisabled ? " off" : ""}${isChosen ? " chosen" : ""}`}>
      <Radio value={model} isDisabled={isDisabled} className="analyse-radio">
        <span className="analyse-dot" aria-hidden />
        <span className="analyse-name">{name}</span>
        <Accepts choice={choice} />
        <Works choice={choice} />
      </Radio>
      <dl className="analyse-more">
        {choice.labels.length > 0 && <Line term={t("analyse.tellsApart")} text={words.list(choice.labels.map(words.label))} />}
        {isShipped(model) && <Line term={t("analyse.limits")} text={said(`analyse.cards.${model}.limits`, "")} />}
      </dl>
      <Link href={`/models/${encodeURIComponent(model)}`} className="analyse-link" aria-label={t("analyse.cardOf", { model: name })}>
        {t("analyse.card")}
      </Link>
    </div>
  );
}

function Accepts({ choice: { model, accepts } }: { choice: Choice }) {
  if (isShipped(model)) return <span className="analyse-accepts">{said(`analyse.cards.${model}.accepts`, "")}</span>;
  return accepts ? <English small>{accepts}</English> : null;
}

function Works({ choice: { isReady, reason, isAllowed } }: { choice: Choice }) {
  const { t } = useTranslation();
  if (!isAllowed) return <Status is="unknown">{t("analyse.notYours")}</Status>;
  if (isReady === null) return <Status is="unknown">{t("analyse.unknown")}</Status>;
  if (isReady) return <Status is="good">{t("analyse.ready")}</Status>;
  return (
    <>
      <Status is="bad">{t("analyse.down")}</Status>
      {reason && (
        <small>
          <Reason text={reason} />
        </small>
      )}
    </>
  );
}

function Line({ term, text }: { term: string; text: string }) {
  return (
    <div>
      <dt>{term}</dt>
      <dd>{text}</dd>
    </div>
  );
}
