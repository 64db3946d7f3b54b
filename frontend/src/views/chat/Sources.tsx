import { BookOpenText } from "lucide-react";
import { useId } from "react";
import { useTranslation } from "react-i18next";
import type { ChatAnswer } from "../../api/client";
import { NewTab } from "../../ui/NewTab";

type Source = ChatAnswer["sources"][number];

/** What an answer rests on: a card for each topic, with its references. */
export function Sources({ sources, language }: { sources: readonly Source[]; language: string }) {
  const { t } = useTranslation();
  const id = useId();
  if (sources.length === 0) return null;
  const topics = grouped(sources);
  return (
    <div className="chat-sources">
      <h4 id={id}>{t("chat.sources")}</h4>
      <ul aria-labelledby={id}>
        {[...topics].map(([topic, of]) => (
          <li key={topic} className="chat-source">
            <BookOpenText aria-hidden size={18} />
            <div>
              <p>
                <bdi lang={language}>{of[0]?.title}</bdi>
              </p>
              <ul>
                {of.map(({ reference }) => (
                  <li key={reference}>
                    <Reference reference={reference} />
                  </li>
                ))}
              </ul>
            </div>
          </li>
        ))}
      </ul>
    </div>
  );
}

function grouped(sources: readonly Source[]): Map<string, Source[]> {
  const topics = new Map<string, Source[]>();
  for (const source of sources) topics.set(source.topic, [...(topics.get(source.topic) ?? []), source]);
  return topics;
}

/** A reference that is an address can be opened; nothing is asked of it before. */
function Reference({ reference }: { reference: string }) {
  const text = <bdi>{reference}</bdi>;
  return isWeb(reference) ? <NewTab href={reference}>{text}</NewTab> : text;
}

function isWeb(reference: string): boolean {
  return URL.canParse(reference) && ["http:", "https:"].includes(new URL(reference).protocol);
}
