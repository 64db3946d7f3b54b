import { useTranslation } from "react-i18next";
import { said, useWords } from "../../i18n/words";
import { Rows } from "../../ui/Rows";
import type { Card } from "./card";
import { strangers } from "./scores";
import { useScoreText } from "./useScoreText";

/** How often pictures of another kind were refused. */
export function Strangers({ card }: { card: Card }) {
  const { t } = useTranslation();
  const words = useWords();
  const { value, range, count } = useScoreText();
  const found = strangers(card);
  if (!found.length) return null;
  const heads = (["kind", "refused", "interval", "n"] as const).map((one) => t(`models.head.${one}`));
  const rows = found.map(({ kind, refused, samples }) => ({
    key: kind,
    cells: [said(`models.strange.${kind}`, words.model(kind)), refused ? value(refused) : "–", refused ? range(refused) : "–", count(samples)],
  }));
  return (
    <>
      <h4>{t("models.strangers")}</h4>
      <p className="quiet-text">{t("models.strangersText")}</p>
      <Rows label={t("models.strangers")} heads={heads} rows={rows} />
    </>
  );
}
