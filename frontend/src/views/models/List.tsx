import { BookOpen } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useHealth, useModels } from "../../api/queries";
import { useWords } from "../../i18n/words";
import { Empty } from "../../ui/Empty";
import { Loading } from "../../ui/Loading";
import { Trouble } from "../../ui/Trouble";
import { Purpose } from "./Purpose";
import { Ready } from "./Ready";
import { type Card, readCard } from "./card";
import { evaluations } from "./evaluations";
import { useScoreText } from "./useScoreText";

/** What there is, what for, and how good it is. */
export function List() {
  const { t } = useTranslation();
  const { data, error, refetch } = useModels();
  const cards = (data?.models ?? []).map(readCard);
  return (
    <>
      <h2>{t("models.title")}</h2>
      <p className="quiet-text">{t("models.lead")}</p>
      {!data && (error ? <Trouble error={error} onRetry={() => void refetch()} /> : <Loading lines={6} />)}
      {data && !cards.length && <Empty icon={BookOpen} title={t("models.none")} />}
      <ul className="columns models-list">
        {cards.map((card) => (
          <Tile key={card.model} card={card} />
        ))}
      </ul>
    </>
  );
}

function Tile({ card }: { card: Card }) {
  const words = useWords();
  const now = useHealth().data?.models[card.model];
  return (
    <li className="card models-tile">
      <div className="row apart">
        <h3>
          <Link href={`/models/${encodeURIComponent(card.model)}`}>{words.model(card.model)}</Link>
        </h3>
        <Ready isReady={now ?? card.isReady} />
      </div>
      <Purpose model={card.model} title={card.title} />
      <Accuracy card={card} />
    </li>
  );
}

function Accuracy({ card }: { card: Card }) {
  const { t } = useTranslation();
  const { value, range, count } = useScoreText();
  const [best] = evaluations(card);
  if (!card.isReady) return <p className="quiet-text">{t("models.noCard")}</p>;
  if (!best) return <p className="quiet-text">{t(card.model === "chatbot" ? "models.chatMeasured" : "models.notMeasured")}</p>;
  return (
    <p className="models-accuracy number">
      <strong>{value(best.accuracy)}</strong>
      <span>{t("models.right", { range: range(best.accuracy), samples: count(best.samples), split: t(`models.split.${best.split}`) })}</span>
    </p>
  );
}
