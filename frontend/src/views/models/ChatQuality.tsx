import { useTranslation } from "react-i18next";
import { Rows } from "../../ui/Rows";
import type { ChatScore } from "./chatScores";
import { useScoreText } from "./useScoreText";

/** How good the chatbot is. */
export function ChatQuality({ scores }: { scores: readonly ChatScore[] }) {
  const { t } = useTranslation();
  const { value, range, count } = useScoreText();
  const heads = (["score", "language", "value", "interval", "n", "meaning"] as const).map((one) => t(`models.head.${one}`));
  const rows = scores.map(({ name, language, at, samples }) => ({
    key: `${name} ${language}`,
    cells: [
      t(`models.chatScore.${name}`),
      t(language ? `models.language.${language}` : "models.language.both"),
      value(at),
      range(at),
      count(samples),
      t(`models.chatWhy.${name}`),
    ],
  }));
  return (
    <>
      <p>{t("models.chatMeasuredOn")}</p>
      <Rows label={t("models.section.quality")} heads={heads} rows={rows} />
    </>
  );
}
