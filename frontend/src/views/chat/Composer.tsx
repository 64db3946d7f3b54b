import { SendHorizontal, Square } from "lucide-react";
import type { FormEvent, KeyboardEvent, RefObject } from "react";
import { Form, Label, Text, TextArea, TextField } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useHealth } from "../../api/queries";
import { useChat } from "../../stores/chat";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { useSecondsUntil } from "./useSecondsUntil";

const LONGEST = 4_000;
/** From here on it is said how many characters are left. */
const COUNTED = 3_600;

/** Where the question is typed. What is too long is not cut off, but said to be. */
export function Composer({ input }: { input: RefObject<HTMLTextAreaElement | null> }) {
  const { t } = useTranslation();
  const draft = useChat((chat) => chat.draft);
  const notBefore = useChat((chat) => chat.notBefore);
  const { setDraft, ask, stop } = useChat.getState();
  const isAsking = useChat(({ turns }) => turns.some((turn) => turn.state === "asking"));
  const isDown = useHealth().data?.models.chatbot === false;
  const isEarly = useSecondsUntil(notBefore) > 0;
  const length = lengthOf(draft);
  const canAsk = !isAsking && !isDown && !isEarly && draft.trim() !== "" && length <= LONGEST;
  function submit(event?: FormEvent) {
    event?.preventDefault();
    if (!canAsk) return;
    setDraft("");
    void ask(draft);
    input.current?.focus();
  }
  return (
    <Form className="chat-composer" onSubmit={submit}>
      {isDown && <Notice tone="warning">{t("chat.down")}</Notice>}
      <TextField className="field" value={draft} onChange={setDraft} isInvalid={length > LONGEST}>
        <Label>{t("chat.label")}</Label>
        <span className="field-input">
          <TextArea
            ref={input}
            dir={draft ? "auto" : undefined} // the placeholder is in the page's language
            rows={2}
            placeholder={t("chat.placeholder")}
            onKeyDown={(event) => sends(event) && submit(event)}
          />
          {isAsking ? (
            <Button key="stop" look="plain" onPress={() => (stop(), input.current?.focus())}>
              <Square aria-hidden size={16} />
              {t("chat.stop")}
            </Button>
          ) : (
            <Button key="ask" type="submit" isDisabled={!canAsk}>
              <SendHorizontal aria-hidden size={16} className="chat-send" />
              {t("chat.submit")}
            </Button>
          )}
        </span>
        <Text slot="description">{t("chat.hint")}</Text>
        <Counter length={length} />
      </TextField>
    </Form>
  );
}

function Counter({ length }: { length: number }) {
  const { t } = useTranslation();
  const left = LONGEST - length;
  return (
    <p className={left < 0 ? "chat-counter over" : "chat-counter"} role="status">
      {length >= COUNTED && (left < 0 ? t("chat.over", { count: -left }) : t("chat.left", { count: left }))}
    </p>
  );
}

/** Enter, but not the one that ends the composition of a character. */
function sends(event: KeyboardEvent): boolean {
  return event.key === "Enter" && !event.shiftKey && !event.nativeEvent.isComposing && event.nativeEvent.keyCode !== 229;
}

/** Characters as the gateway counts them. */
function lengthOf(text: string): number {
  return Array.from(text).length;
}
