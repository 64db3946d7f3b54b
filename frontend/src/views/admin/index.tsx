import { useTranslation } from "react-i18next";

export default function View() {
  const { t } = useTranslation();
  return <h2>{t("admin.title")}</h2>;
}
