import { useTranslation } from "react-i18next";
import { Refused } from "../api/client";
import { useWords } from "../i18n/words";
import { SignedOut } from "../session/session";
import { Button } from "./Button";
import { English } from "./English";
import { Notice } from "./Notice";

/** The code of what went wrong, as the translations know it; null for what somebody ended themselves. */
export function codeOf(error: unknown): string | null {
  if (!error || error instanceof SignedOut) return null;
  if (error instanceof DOMException && error.name === "AbortError") return null;
  if (error instanceof DOMException && error.name === "TimeoutError") return "TIMEOUT";
  return error instanceof Refused ? error.code : "UNREACHABLE";
}

/** What went wrong, in words, with what can be done; nothing when nothing did. */
export function Trouble({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const code = codeOf(error);
  if (!code) return null;
  return (
    <Notice tone="bad" isAlert>
      <p>{words.problem(code)}</p>
      {error instanceof Refused && error.message && <English small>{error.message}</English>}
      {error instanceof Refused && error.requestId && (
        <small>
          {t("common.requestId")} <code dir="ltr">{error.requestId}</code>
        </small>
      )}
      {onRetry && (
        <Button look="plain" onPress={onRetry}>
          {t("common.retry")}
        </Button>
      )}
    </Notice>
  );
}
