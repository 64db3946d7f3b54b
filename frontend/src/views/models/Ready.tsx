import { useTranslation } from "react-i18next";
import { Status } from "../../ui/Status";

export function Ready({ isReady }: { isReady: boolean }) {
  const { t } = useTranslation();
  return <Status is={isReady ? "good" : "bad"}>{t(isReady ? "models.ready" : "models.notReady")}</Status>;
}
