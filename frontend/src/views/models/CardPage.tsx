import { Printer } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useHealth } from "../../api/queries";
import { useWords } from "../../i18n/words";
import { Button } from "../../ui/Button";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Trouble } from "../../ui/Trouble";
import { Told } from "../result/Told";
import { Classes } from "./Classes";
import { Figure } from "./Figure";
import { Inputs } from "./Inputs";
import { Lines } from "./Lines";
import { Origin } from "./Origin";
import { Purpose } from "./Purpose";
import { Quality } from "./Quality";
import { Ready } from "./Ready";
import { Section } from "./Section";
import { Technical } from "./Technical";
import { type Card, readCard } from "./card";
import { useCard } from "./queries";

/** All that is known of one model. */
export function CardPage({ model }: { model: string }) {
  const { t } = useTranslation();
  const words = useWords();
  const { data, error, refetch } = useCard(model);
  const card = data && readCard(data);
  const now = useHealth().data?.models[card?.model ?? model];
  return (
    <article className="stack models-card">
      <Link className="models-back" href="/models">
        {t("models.all")}
      </Link>
      <div className="row apart">
        <h2>{words.model(card?.model ?? model)}</h2>
        {now !== undefined && <Ready isReady={now} />}
      </div>
      <Purpose model={card?.model ?? model} title={card?.title ?? null} />
      {!card && (error ? <Trouble error={error} onRetry={() => void refetch()} /> : <Loading lines={8} />)}
      {card && <Sections card={card} />}
    </article>
  );
}

function Sections({ card }: { card: Card }) {
  const { t, i18n } = useTranslation();
  return (
    <>
      <div className="row models-actions">
        <Button look="plain" onPress={() => window.print()}>
          <Printer aria-hidden size={16} />
          {t("models.print")}
        </Button>
      </div>
      {i18n.language !== "en" && <Notice>{t("models.inEnglish")}</Notice>}
      {card.isImported && <Notice tone="warning">{t("models.imported")}</Notice>}
      {card.notice && (
        <Notice tone="warning">
          <Told>{card.notice}</Told>
        </Notice>
      )}
      <Lines name="notFor" lines={card.notFor} isWarning />
      <Inputs card={card} />
      <Classes classes={card.classes} />
      <Quality card={card} />
      {card.plots.length > 0 && (
        <Section name="plots">
          <div className="columns">
            {card.plots.map((plot) => (
              <Figure key={plot.name} card={card} plot={plot} />
            ))}
          </div>
        </Section>
      )}
      <Lines name="limits" lines={card.limits} />
      <Origin card={card} />
      <Technical card={card} />
      {card.disclaimer && (
        <p>
          <small>
            <Told>{card.disclaimer}</Told>
          </small>
        </p>
      )}
    </>
  );
}
