import { useTranslation } from "react-i18next";
import type { ChatAnswer } from "../api/client";

/** A question and what the chatbot said. */
export function Turn({ question, answer }: { question: string; answer: ChatAnswer }) {
  const { t } = useTranslation();
  return (
    <article>
      <p className="question" dir="auto">
        {question}
      </p>
      {answer.red_flag && (
        <p role="alert" className="notice bad">
          {t("chat.redFlag")}
        </p>
      )}
      <p className="answer" dir="auto" lang={answer.language}>
        {answer.response}
      </p>
      {answer.sources.length > 0 && (
        <ul className="sources" aria-label={t("chat.sources")}>
          {answer.sources.map((source) => (
            <li key={source.reference} dir="auto">
              {source.reference}
            </li>
          ))}
        </ul>
      )}
      <small dir="auto">{answer.disclaimer}</small>
    </article>
  );
}
