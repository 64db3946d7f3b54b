import { useTranslation } from "react-i18next";
import { said } from "../../i18n/words";
import { English } from "../../ui/English";
import { Rows } from "../../ui/Rows";
import type { Card } from "./card";
import { groups } from "./scores";
import { useScoreText } from "./useScoreText";

/** Whether the model is as good in each part of the test. */
export function Groups({ card }: { card: Card }) {
  const { t } = useTranslation();
  const { value, range, count } = useScoreText();
  const found = groups(card);
  if (!found.length) return null;
  const heads = (["group", "accuracy", "interval", "n"] as const).map((one) => t(`models.head.${one}`));
  const rows = found.map(({ by, group, accuracy, samples }) => ({
    key: `${by} ${group}`,
    cells: [<Name key="name" by={by} group={group} />, value(accuracy), range(accuracy), count(samples)],
  }));
  return (
    <>
      <h4>{t("models.groups")}</h4>
      <p className="quiet-text">{t("models.groupsText")}</p>
      <Rows label={t("models.groups")} heads={heads} rows={rows} />
    </>
  );
}

function Name({ by, group }: { by: string; group: string }) {
  const known = said(`models.group.${group}`, "");
  return known ? <>{known}</> : <English>{`${by}: ${group}`}</English>;
}
