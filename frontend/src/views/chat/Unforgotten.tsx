import { useTranslation } from "react-i18next";
import { codeOf } from "../../ui/Trouble";
import { useWords } from "../../i18n/words";
import { useChat } from "../../stores/chat";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";

/** Says that an earlier conversation is gone here, but not at the gateway. */
export function Unforgotten({ onForget }: { onForget: () => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const forgetError = useChat((chat) => chat.forgetError);
  const { forget } = useChat.getState();
  const code = codeOf(forgetError);
  if (!code) return null;
  return (
    <Notice tone="warning" isAlert>
      <p>{t("chat.unforgotten")}</p>
      <p>{words.problem(code)}</p>
      <Button look="plain" onPress={() => (void forget(), onForget())}>
        {t("chat.forgetAgain")}
      </Button>
    </Notice>
  );
}
