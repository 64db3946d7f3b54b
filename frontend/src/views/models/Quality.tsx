import { useTranslation } from "react-i18next";
import { Rows } from "../../ui/Rows";
import { useWords } from "../../i18n/words";
import { ChatQuality } from "./ChatQuality";
import { Groups } from "./Groups";
import { Measured } from "./Measured";
import { Section } from "./Section";
import { Strangers } from "./Strangers";
import type { Card } from "./card";
import { chatScores } from "./chatScores";
import { type Evaluation, evaluations } from "./evaluations";
import { inputName } from "./Inputs";
import { scores } from "./scores";
import { useScoreText } from "./useScoreText";

/** How good the model is: every score with what it means, its interval, and how much it was measured on. */
export function Quality({ card }: { card: Card }) {
  const { t } = useTranslation();
  const [main, ...others] = evaluations(card);
  const chat = chatScores(card);
  return (
    <Section name="quality">
      {!main && !chat.length && <p>{t("models.notMeasured")}</p>}
      {main && <Main card={card} main={main} />}
      {chat.length > 0 && <ChatQuality scores={chat} />}
      {others.length > 0 && <Others found={others} />}
    </Section>
  );
}

function Main({ card, main }: { card: Card; main: Evaluation }) {
  const { t } = useTranslation();
  return (
    <>
      <p>{t(`models.measured.${main.split}`)}</p>
      <p className="quiet-text">{t("models.intervals")}</p>
      <Scores card={card} main={main} />
      <Measured main={main} />
      <Strangers card={card} />
      <Groups card={card} />
    </>
  );
}

function Scores({ card, main }: { card: Card; main: Evaluation }) {
  const { t } = useTranslation();
  const { value, range, count } = useScoreText();
  const heads = (["score", "value", "interval", "n", "meaning"] as const).map((one) => t(`models.head.${one}`));
  const rows = scores(card, main).map(({ name, at, isShare, samples }) => ({
    key: name,
    cells: [t(`models.score.${name}`), value(at, isShare), range(at, isShare), count(samples), t(`models.why.${name}`)],
  }));
  return <Rows label={t("models.section.quality")} heads={heads} rows={rows} />;
}

/** What was measured beside the test; it was used to choose, so it looks better than it is. */
function Others({ found }: { found: readonly Evaluation[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const { value, range, count } = useScoreText();
  const heads = (["score", "value", "interval", "n"] as const).map((one) => t(`models.head.${one}`));
  const rows = found.map(({ input, split, accuracy, samples }) => ({
    key: `${input} ${split}`,
    cells: [words.list([t(`models.split.${split}`), ...(input ? [inputName(input)] : [])]), value(accuracy), range(accuracy), count(samples)],
  }));
  return (
    <details>
      <summary>{t("models.others")}</summary>
      <p className="quiet-text">{t("models.othersText")}</p>
      <Rows label={t("models.others")} heads={heads} rows={rows} />
    </details>
  );
}
