import { useTranslation } from "react-i18next";
import { Refused } from "../api/client";

/** What went wrong, in words; nothing when nothing did. */
export function Trouble({ error }: { error: unknown }) {
  const { t } = useTranslation();
  if (!error || (error instanceof DOMException && error.name === "AbortError")) return null; // they ended it themselves
  const code = error instanceof Refused ? error.code : "UNREACHABLE";
  return (
    <p role="alert" className="notice bad">
      {t([`errors.${code}`, "errors.OTHER"], { code })}
      {error instanceof Refused && error.message && (
        <small dir="ltr" lang="en">
          {error.message}
        </small>
      )}
    </p>
  );
}
