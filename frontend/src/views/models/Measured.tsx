import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { Rows } from "../../ui/Rows";
import type { ClassScore, Evaluation } from "./evaluations";
import { useScoreText } from "./useScoreText";

/** How each class fared, and what was taken for what. */
export function Measured({ main }: { main: Evaluation }) {
  const { t } = useTranslation();
  if (!main.classes.length) return null;
  return (
    <>
      <h4>{t("models.classScores")}</h4>
      <p className="quiet-text">{t("models.classScoresText")}</p>
      <ByClass classes={main.classes} />
      {main.confusion.length > 0 && <Confusion main={main} />}
    </>
  );
}

function ByClass({ classes }: { classes: readonly ClassScore[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const { value, range, count } = useScoreText();
  const both = (at: ClassScore["sensitivity"]) => (at ? t("models.both", { value: value(at), range: range(at) }) : "–");
  const heads = (["class", "sensitivity", "ofClass", "specificity", "ofOthers"] as const).map((one) => t(`models.head.${one}`));
  const rows = classes.map(({ label, sensitivity, samples, specificity, others }) => ({
    key: label,
    cells: [words.label(label), both(sensitivity), count(samples), both(specificity), count(others)],
  }));
  return <Rows label={t("models.classScores")} heads={heads} rows={rows} />;
}

function Confusion({ main }: { main: Evaluation }) {
  const { t } = useTranslation();
  const words = useWords();
  const names = main.classes.map(({ label }) => words.label(label));
  const rows = main.confusion.map((row, at) => ({
    key: names[at] ?? "",
    cells: [names[at], ...row.map((count, said) => (said === at ? <strong key={said}>{words.number(count)}</strong> : words.number(count)))],
  }));
  return (
    <>
      <h4>{t("models.confusion")}</h4>
      <p className="quiet-text">{t("models.confusionText")}</p>
      <Rows label={t("models.confusion")} heads={[t("models.head.truth"), ...names]} rows={rows} />
    </>
  );
}
