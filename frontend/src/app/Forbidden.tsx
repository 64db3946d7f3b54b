import { Lock } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Empty } from "../ui/Empty";

export function Forbidden() {
  const { t } = useTranslation();
  return <Empty icon={Lock} title={t("common.forbidden.title")} text={t("common.forbidden.text")} />;
}
