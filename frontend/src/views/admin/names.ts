import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { useUsers } from "./queries";

/** What a model is called; the chatbot looks at no picture, and has its name here. */
export function useModelName(): (model: string) => string {
  const { t } = useTranslation();
  const words = useWords();
  return (model) => (model === "chatbot" ? t("admin.chatbot") : words.model(model));
}

/** The user name of an account's id; null for one that is not there any more, or comes from elsewhere. */
export function useUserName(): (id: string) => string | null {
  const users = useUsers().data;
  return (id) => users?.find((user) => user.id === id)?.username ?? null;
}
