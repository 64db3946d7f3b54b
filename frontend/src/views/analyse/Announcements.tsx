import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import type { Analysis } from "../../stores/analyses";
import { useStateWords } from "./state";

/** Reads out each result when it arrives. */
export function Announcements({ items }: { items: readonly Analysis[] }) {
  const { t } = useTranslation();
  const stateWords = useStateWords();
  const known = useRef(new Set(items.filter(hasEnded).map(({ id }) => id)));
  const [text, setText] = useState("");
  useEffect(() => {
    const ended = items.filter(hasEnded);
    const arrived = ended.filter(({ id }) => !known.current.has(id));
    known.current = new Set(ended.map(({ id }) => id));
    if (arrived.length === 0) return;
    setText(arrived.map((item) => t("analyse.arrived", { name: item.file.name, result: stateWords(item, 0) })).join(". "));
  }, [items, t, stateWords]);
  return (
    <p role="status" className="visually-hidden">
      {text}
    </p>
  );
}

const hasEnded = ({ state }: Analysis): boolean => state === "done" || state === "failed";
