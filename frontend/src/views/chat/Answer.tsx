import { Bot, CircleHelp, Clock } from "lucide-react";
import { useTranslation } from "react-i18next";
import type { ChatAnswer } from "../../api/client";
import { useWords } from "../../i18n/words";
import { Copy } from "../../ui/Copy";
import { Sources } from "./Sources";
import { copied } from "./copied";

/** Below this confidence another topic may have been meant. */
const SURE = 0.75;

/** What kind of answer it is, in words; nothing for one that is no more than that. */
export function Marks({ answer }: { answer: ChatAnswer }) {
  const { t } = useTranslation();
  const { kind, urgency, generated } = answer;
  const isDoubtful = kind === "answer" && answer.confidence < SURE;
  return (
    <ul className="chat-marks">
      {isDoubtful && (
        <li className="chat-doubtful">
          <CircleHelp aria-hidden size={16} />
          {t("chat.doubtful")}
        </li>
      )}
      {(kind === "clarify" || kind === "refusal") && (
        <li>
          <CircleHelp aria-hidden size={16} />
          {t(`chat.kind.${kind}`)}
        </li>
      )}
      {urgency !== "none" && !answer.red_flag && !isDoubtful && (
        <li className={`chat-${urgency}`}>
          <Clock aria-hidden size={16} />
          {t(`chat.urgency.${urgency}`)}
        </li>
      )}
      {generated && (
        <li>
          <Bot aria-hidden size={16} />
          {t("chat.generated")}
        </li>
      )}
    </ul>
  );
}

/** What stands below the text of an answer. */
export function Below({ answer }: { answer: ChatAnswer }) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <>
      <Sources sources={answer.sources} language={answer.language} />
      {answer.kind === "answer" && (
        <p className="chat-match">
          {t("chat.match", { share: words.percent(answer.confidence) })} <small>{t("chat.matchHint")}</small>
        </p>
      )}
      <div className="chat-end">
        <small lang={answer.language} dir="auto">
          {answer.disclaimer}
        </small>
        <Copy text={copied(answer, t("chat.sources"))} label={t("chat.copy")} />
      </div>
    </>
  );
}
