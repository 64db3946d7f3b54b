import { useTranslation } from "react-i18next";
import type { QualityWarning } from "../../stores/analyses";
import { Notice } from "../../ui/Notice";

/** What the page found to be poor about the picture before it was sent. */
export function Warnings({ warnings }: { warnings: readonly QualityWarning[] }) {
  const { t } = useTranslation();
  if (warnings.length === 0) return null;
  return (
    <Notice tone="warning">
      <strong>{t("result.quality.title")}</strong>
      <ul>
        {warnings.map((warning) => (
          <li key={warning}>{t(`result.quality.${warning}`)}</li>
        ))}
      </ul>
    </Notice>
  );
}
