import { useTranslation } from "react-i18next";
import { said } from "../../i18n/words";
import { English } from "../../ui/English";

/** What a model is for, and what never; of a model that the page has no words for, its own title. */
export function Purpose({ model, title }: { model: string; title: string | null }) {
  const { t } = useTranslation();
  const purpose = said(`models.of.${model}.purpose`, "");
  const never = said(`models.of.${model}.never`, "");
  return (
    <>
      {purpose ? <p>{purpose}</p> : title && <English>{title}</English>}
      {never && (
        <p>
          <strong>{t("models.neverFor")}</strong> {never}
        </p>
      )}
    </>
  );
}
