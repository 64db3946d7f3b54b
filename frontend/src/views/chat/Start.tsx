import { MessageCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Empty } from "../../ui/Empty";

const SUGGESTIONS = ["first", "second", "third"] as const;

/** Before the first question: what may be asked. */
export function Start({ onAsk, isDisabled }: { onAsk: (question: string) => void; isDisabled: boolean }) {
  const { t } = useTranslation();
  return (
    <Empty icon={MessageCircle} title={t("chat.start.title")} text={t("chat.start.text")}>
      <ul className="chat-suggestions" aria-label={t("chat.start.suggestions")}>
        {SUGGESTIONS.map((one) => (
          <li key={one}>
            <Button look="plain" isDisabled={isDisabled} onPress={() => onAsk(t(`chat.start.${one}`))}>
              {t(`chat.start.${one}`)}
            </Button>
          </li>
        ))}
      </ul>
    </Empty>
  );
}
