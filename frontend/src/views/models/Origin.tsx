import { useTranslation } from "react-i18next";
import { English } from "../../ui/English";
import { Facts } from "./Facts";
import { Section } from "./Section";
import type { Card } from "./card";
import { at, text } from "./read";

/** What the model was made of, and under which licences. */
export function Origin({ card }: { card: Card }) {
  const { t } = useTranslation();
  const { source, licence, split } = card.data;
  const weights = at(card.raw, "provenance", "base_weights");
  const base = [at(weights, "name"), at(weights, "weights"), at(weights, "licence")].map(text).filter((one) => one !== null);
  const facts = [
    [t("models.origin.source"), english(source)],
    [t("models.origin.dataLicence"), english(licence)],
    [t("models.origin.split"), english(split)],
    [t("models.origin.base"), english(base.join("; ") || null)],
    [t("models.origin.licence"), english(card.licence)],
  ] as const;
  if (!facts.some(([, value]) => value)) return null;
  return (
    <Section name="origin">
      <Facts facts={facts} />
    </Section>
  );
}

function english(line: string | null) {
  return line && <English>{line}</English>;
}
