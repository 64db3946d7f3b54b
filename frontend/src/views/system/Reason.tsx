import { useTranslation } from "react-i18next";
import { English } from "../../ui/English";
import { reasonText } from "./reasons";

/** Why something is not ready, in words. */
export function Reason({ text }: { text: string }) {
  const { t } = useTranslation();
  const known = reasonText(t, text);
  return known ? <span>{known}</span> : <English>{text}</English>;
}
