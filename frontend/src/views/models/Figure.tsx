import { useRef } from "react";
import { useTranslation } from "react-i18next";
import { said } from "../../i18n/words";
import { BlobImage } from "../../ui/BlobImage";
import { English } from "../../ui/English";
import { Loading } from "../../ui/Loading";
import { Trouble } from "../../ui/Trouble";
import type { Card, Plot } from "./card";
import { usePlot } from "./queries";
import { useVisible } from "./useVisible";

/** A plot of the card; it is loaded when it is nearly seen. */
export function Figure({ card, plot }: { card: Card; plot: Plot }) {
  const { t, i18n } = useTranslation();
  const frame = useRef<HTMLElement>(null);
  const isVisible = useVisible(frame);
  const { data, error, refetch } = usePlot(card.model, plot.name, card.version, isVisible);
  const title = said(`models.plot.${plot.name}.title`, "");
  const what = said(`models.plot.${plot.name}.text`, plot.title);
  return (
    <figure ref={frame} className="models-figure">
      <figcaption>{title ? <strong>{title}</strong> : <English>{plot.title}</English>}</figcaption>
      {data ? <BlobImage blob={data} alt={what} /> : error ? <Trouble error={error} onRetry={() => void refetch()} /> : <Loading />}
      {title && <small>{what}</small>}
      {title && i18n.language !== "en" && <small>{t("models.plot.inEnglish")}</small>}
    </figure>
  );
}
