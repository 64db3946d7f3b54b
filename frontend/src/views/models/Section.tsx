import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type en from "../../i18n/en/models.json";

export type SectionName = keyof (typeof en)["section"];

/** A part of the card, under its heading. */
export function Section({ name, children }: { name: SectionName; children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <section className="card" aria-labelledby={`models-${name}`}>
      <h3 id={`models-${name}`}>{t(`models.section.${name}`)}</h3>
      {children}
    </section>
  );
}
