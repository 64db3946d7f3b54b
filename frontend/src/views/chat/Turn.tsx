import { type Ref, memo } from "react";
import { useTranslation } from "react-i18next";
import { Interrupted } from "../../api/chat";
import { useSecondsUntil } from "./useSecondsUntil";
import { type Turn as Asked, useChat } from "../../stores/chat";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { Trouble } from "../../ui/Trouble";
import { Below, Marks } from "./Answer";
import { AnswerText } from "./AnswerText";
import { Emergency } from "./Emergency";

interface Props {
  turn: Asked;
  isNewest: boolean;
  onAgain: () => void;
  ref?: Ref<HTMLLIElement>;
}

/** A question, and what became of it. */
export const Turn = memo(function Turn({ turn, isNewest, onAgain, ref }: Props) {
  const { t } = useTranslation();
  const { answer, state } = turn;
  return (
    <li className="chat-turn" ref={ref} aria-busy={state === "asking"}>
      <h3 className="chat-question" dir="auto">
        <span className="visually-hidden">{t("chat.you")} </span>
        {turn.question}
      </h3>
      <div className="chat-reply">
        {answer?.red_flag && <Emergency isNew={isNewest} language={answer.language} />}
        {!answer && <Part turn={turn} />}
        {/* there before the answer is: what comes into it is read out, once */}
        <div aria-live="polite" className="chat-answer">
          {answer && <Marks answer={answer} />}
          {answer && (
            <div lang={answer.language} dir={answer.language === "ar" ? "rtl" : "ltr"}>
              <AnswerText text={answer.response} title={answer.sources[0]?.title ?? null} />
            </div>
          )}
        </div>
        {answer && <Below answer={answer} />}
        {(state === "failed" || state === "stopped") && <Failed turn={turn} onAgain={onAgain} />}
      </div>
    </li>
  );
});

/** What there is of an answer that is not whole: read out when it is whole, not word by word. */
function Part({ turn }: { turn: Asked }) {
  const { t } = useTranslation();
  const isAsking = turn.state === "asking";
  return (
    <>
      {isAsking && !turn.text && (
        <p className="chat-wait" role="status">
          {t("chat.wait")}
        </p>
      )}
      {turn.text && (
        <div className={isAsking ? "chat-answer" : "chat-answer chat-part"} dir="auto" aria-hidden={isAsking}>
          <AnswerText text={turn.text} />
        </div>
      )}
    </>
  );
}

function Failed({ turn, onAgain }: { turn: Asked; onAgain: () => void }) {
  const { t } = useTranslation();
  const notBefore = useChat((chat) => chat.notBefore);
  const { again } = useChat.getState();
  const isAsking = useChat(({ turns }) => turns.some((one) => one.state === "asking"));
  const seconds = useSecondsUntil(notBefore);
  function retry() {
    void again(turn.id);
    onAgain();
  }
  return (
    <>
      <Why turn={turn} />
      <Button look="plain" onPress={retry} isDisabled={isAsking || seconds > 0}>
        {seconds > 0 ? t("chat.againIn", { count: seconds }) : t("common.retry")}
      </Button>
    </>
  );
}

function Why({ turn }: { turn: Asked }) {
  const { t } = useTranslation();
  if (turn.state === "stopped") return <p className="quiet-text">{t(turn.text ? "chat.stoppedPart" : "chat.stopped")}</p>;
  if (!(turn.error instanceof Interrupted)) return <Trouble error={turn.error} />;
  return (
    <Notice tone="warning" isAlert>
      {t(turn.text ? "chat.interruptedPart" : "chat.interrupted")}
    </Notice>
  );
}
