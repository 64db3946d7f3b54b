import { useTranslation } from "react-i18next";
import { useMe } from "../api/queries";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { SignInForm } from "./SignIn";
import { session } from "./session";

/** Over everything, when the session has ended: what lies below waits for the same person. */
export function Expired({ isOpen }: { isOpen: boolean }) {
  const { t } = useTranslation();
  const me = useMe();
  const username = me.data?.username ?? session.username;
  return (
    <Dialog title={t("session.expired.title")} isOpen={isOpen}>
      <p>{t("session.expired.text")}</p>
      <SignInForm {...(username && { username })} />
      <Button look="plain" onPress={() => void session.leave()}>
        {t("session.expired.other")}
      </Button>
    </Dialog>
  );
}
