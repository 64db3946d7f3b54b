import { useTranslation } from "react-i18next";
import { said, useWords } from "../../i18n/words";
import { English } from "../../ui/English";
import { Section } from "./Section";
import type { Card, Input, Safeguards } from "./card";

/** What the model takes, and what stands between its numbers and an answer. */
export function Inputs({ card }: { card: Card }) {
  const { t, i18n } = useTranslation();
  const isToldInEnglish = card.accepts !== null && i18n.language === "en";
  const accepts = isToldInEnglish ? "" : said(`models.of.${card.model}.accepts`, "");
  return (
    <Section name="inputs">
      {accepts && <p>{accepts}</p>}
      {card.accepts && (
        <p>
          <English small={Boolean(accepts)}>{card.accepts}</English>
        </p>
      )}
      {card.inputs.map((input) => (
        <Taken key={input.name} input={input} isOnly={card.inputs.length === 1} />
      ))}
      {card.safeguards.map((one) => (
        <div key={one.input} className="stack">
          <h4>{card.safeguards.length === 1 ? t("models.safe.title") : t("models.safe.of", { input: inputName(one.input) })}</h4>
          <Safe one={one} />
        </div>
      ))}
    </Section>
  );
}

/** What a kind of input is called. */
export function inputName(name: string): string {
  return said(`models.input.${name}`, name);
}

function Taken({ input, isOnly }: { input: Input; isOnly: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const size = input.size && { width: words.number(input.size.width), height: words.number(input.size.height) };
  const names = input.names.map((name) => name.replaceAll("_", " ")).join(", ");
  if (!size && !names) return null;
  return (
    <p className="quiet-text">
      {!isOnly && <strong>{inputName(input.name)}: </strong>}
      {size && t("models.seenAt", size)}
      {names && t(input.kind === "tabular" ? "models.given" : "models.computed", { count: input.names.length })}{" "}
      {names && <English small>{names}</English>}
    </p>
  );
}

function Safe({ one }: { one: Safeguards }) {
  const { t } = useTranslation();
  const words = useWords();
  const { coverage, letThrough } = one;
  return (
    <ul className="models-lines">
      <li>{t(one.isCalibrated ? "models.safe.calibrated" : "models.safe.uncalibrated")}</li>
      <li>{coverage === null ? t("models.safe.noSets") : t("models.safe.sets", { share: words.percent(coverage) })}</li>
      <li>{letThrough === null ? t("models.safe.noGate") : t("models.safe.gate", { share: words.percent(letThrough) })}</li>
      <li>{t(one.isQualityChecked ? "models.safe.quality" : "models.safe.noQuality")}</li>
    </ul>
  );
}
