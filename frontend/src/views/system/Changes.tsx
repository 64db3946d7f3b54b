import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Health } from "../../api/client";
import { useWords } from "../../i18n/words";
import { changes } from "./outlook";

/** Tells whoever listens that a model went or came back; nothing of the looks that found no change. */
export function Changes({ health }: { health: Health }) {
  const { t } = useTranslation();
  const words = useWords();
  const [seen, setSeen] = useState(health);
  const [told, setTold] = useState<ReturnType<typeof changes>>([]);
  if (seen !== health) {
    const found = changes(seen, health);
    setSeen(health);
    if (found.length) setTold(found);
  }
  return (
    <div role="status" className="visually-hidden">
      {told.map(({ model, isBack }) => (
        <p key={model}>{t(isBack ? "system.cameBack" : "system.wentDown", { model: words.model(model) })}</p>
      ))}
    </div>
  );
}
