import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { said, useWords } from "../../i18n/words";
import { Copy } from "../../ui/Copy";
import { English } from "../../ui/English";
import { Facts } from "./Facts";
import { Section } from "./Section";
import type { Card } from "./card";
import { at, number, text } from "./read";

/** Which model this is, to the byte; what else is served; and the card as it came. */
export function Technical({ card }: { card: Card }) {
  const { t } = useTranslation();
  const beside = card.beside.map(([role, version]) => `${said(`models.role.${role}`, role)} ${version}`).join(t("common.comma"));
  const facts: [string, ReactNode][] = [
    [t("models.technical.version"), card.version && <bdi>{card.version}</bdi>],
    [t("models.technical.created"), card.created && <bdi>{card.created}</bdi>],
    [t("models.technical.runtime"), card.runtime && <bdi>{card.runtime}</bdi>],
    [t("models.technical.beside"), beside || null],
    [t("models.technical.speed"), "speed" in card.metrics && <Speed key="speed" card={card} />],
    [t("models.technical.drift"), Boolean(at(card.raw, "drift")) && <Drift key="drift" card={card} />],
    [t("models.technical.knowledge"), "knowledge" in card.raw && <Knowledge key="knowledge" card={card} />],
    [t("models.technical.digest"), card.digest && <Digest digest={card.digest} />],
  ];
  return (
    <Section name="technical">
      <Facts facts={facts} />
      <details className="models-raw">
        <summary>{t("models.technical.raw")}</summary>
        <pre lang="en" dir="ltr" tabIndex={0}>
          {JSON.stringify(card.raw, null, 1)}
        </pre>
      </details>
    </Section>
  );
}

function Digest({ digest }: { digest: string }) {
  return (
    <span className="row">
      <code dir="ltr">{digest}</code>
      <Copy text={digest} />
    </span>
  );
}

function Speed({ card }: { card: Card }) {
  const { t } = useTranslation();
  const words = useWords();
  const speed = card.metrics.speed;
  const [typical, most] = [number(at(speed, "with_gate", "p50_ms")), number(at(speed, "with_gate", "p95_ms"))];
  if (typical === null || most === null) return t("models.technical.unknown");
  const where = [text(at(speed, "machine")), text(at(speed, "date"))].filter((one) => one !== null).join(", ");
  return (
    <>
      {t("models.technical.takes", { typical: words.number(typical), most: words.number(most) })} <English small>{where}</English>
    </>
  );
}

/** How far what the model gets lately is from what it was tested on. */
function Drift({ card }: { card: Card }) {
  const { t } = useTranslation();
  const level = text(at(card.raw, "drift", "level"));
  const [seen, needed] = [number(at(card.raw, "drift", "window")), number(at(card.raw, "drift", "needed"))];
  if (level === "stable" || level === "moderate" || level === "large") return t(`models.drift.${level}`);
  return seen !== null && needed !== null ? t("models.drift.few", { seen, needed }) : t("models.drift.unknown");
}

function Knowledge({ card }: { card: Card }) {
  const { t } = useTranslation();
  const topics = number(at(card.raw, "knowledge", "topics"));
  const generator = text(at(card.raw, "language_model"));
  return (
    <>
      {topics !== null && t("models.technical.topics", { count: topics })} {generator ? <bdi>{generator}</bdi> : t("models.technical.noGenerator")}
    </>
  );
}
