import { ArrowDown, MessageCirclePlus } from "lucide-react";
import { useCallback, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { useHealth, useMe, usePageSettings } from "../../api/queries";
import { Forbidden } from "../../app/Forbidden";
import { useChat } from "../../stores/chat";
import { useHandover } from "../../stores/handover";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { AboutResult } from "./AboutResult";
import { Composer } from "./Composer";
import { Start } from "./Start";
import { Turn } from "./Turn";
import { Unforgotten } from "./Unforgotten";
import { useFollow } from "./useFollow";
import { useSecondsUntil } from "./useSecondsUntil";
import "./chat.css";

export default function View() {
  const { t } = useTranslation();
  const me = useMe().data;
  const isForbidden = me && (me.role === "viewer" || (me.models !== null && !me.models.includes("chatbot")));
  if (!isForbidden) return <Chat />;
  return (
    <>
      <h2>{t("chat.title")}</h2>
      <Forbidden />
    </>
  );
}

function Chat() {
  const { t } = useTranslation();
  const turns = useChat((chat) => chat.turns);
  const isRemembered = useChat((chat) => chat.isRemembered);
  const notBefore = useChat((chat) => chat.notBefore);
  const { ask, anew } = useChat.getState();
  const isDown = useHealth().data?.models.chatbot === false;
  usePageSettings(); // so that the first emergency has its number at once
  const isEarly = useSecondsUntil(notBefore) > 0;
  const input = useRef<HTMLTextAreaElement>(null);
  const log = useRef<HTMLOListElement>(null);
  const { newest, isAway, follow } = useFollow(turns);
  useHandedOver(input);
  const showLog = useCallback(() => void setTimeout(() => log.current?.focus({ preventScroll: true })), []); // no keyboard opens on a phone
  return (
    <div className="chat">
      <div className="row apart">
        <h2>{t("chat.title")}</h2>
        <Button look="plain" isDisabled={turns.length === 0} onPress={() => (void anew(), useHandover.getState().drop(), input.current?.focus())}>
          <MessageCirclePlus aria-hidden size={18} />
          {t("chat.anew")}
        </Button>
      </div>
      <Unforgotten onForget={() => input.current?.focus()} />
      {turns.length === 0 && <Start isDisabled={isDown || isEarly} onAsk={(question) => (void ask(question), showLog())} />}
      <ol className="chat-log" ref={log} tabIndex={-1} aria-label={t("chat.conversation")} hidden={turns.length === 0}>
        {turns.map((turn, at) => {
          const isNewest = at === turns.length - 1;
          return <Turn key={turn.id} turn={turn} isNewest={isNewest} onAgain={showLog} {...(isNewest && { ref: newest })} />;
        })}
      </ol>
      <div className="chat-foot">
        {isAway && (
          <Button look="plain" onPress={follow}>
            <ArrowDown aria-hidden size={16} />
            {t("chat.newest")}
          </Button>
        )}
        {!isRemembered && <Notice>{t("chat.unremembered")}</Notice>}
        <AboutResult onDrop={() => input.current?.focus()} />
        <Composer input={input} />
      </div>
    </div>
  );
}

/** Takes over a question that another view began; it is asked when the person says so. */
function useHandedOver(input: React.RefObject<HTMLTextAreaElement | null>): void {
  useEffect(() => {
    const question = useHandover.getState().take();
    if (!question) return;
    const { draft, setDraft } = useChat.getState();
    setDraft(draft.trim() ? `${draft}\n${question}` : question);
    input.current?.focus();
  }, [input]);
}
