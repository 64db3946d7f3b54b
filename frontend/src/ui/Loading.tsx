import { useTranslation } from "react-i18next";

/** Something is on its way; `lines`: about as high as what will be there. */
export function Loading({ lines = 3 }: { lines?: number }) {
  const { t } = useTranslation();
  return (
    <div className="loading" role="status">
      <span className="visually-hidden">{t("common.loading")}</span>
      {Array.from({ length: lines }, (_, at) => (
        <span key={at} className="bone" aria-hidden />
      ))}
    </div>
  );
}
