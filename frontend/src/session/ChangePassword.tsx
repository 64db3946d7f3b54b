import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { api, body } from "../api/client";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Field } from "../ui/Field";
import { Notice } from "../ui/Notice";
import { Trouble } from "../ui/Trouble";
import { session } from "./session";

const SHORTEST = 12;

/** One's own password; it ends every session of the account. */
export function ChangePassword({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [current, setCurrent] = useState("");
  const [fresh, setFresh] = useState("");
  const change = useMutation({
    gcTime: 0, // the passwords are in no cache
    mutationFn: () => body(api.PUT("/api/me/password", { body: { current, new: fresh } })),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    change.mutate();
  }
  const close = () => (change.isSuccess ? void session.leave() : onClose());
  return (
    <Dialog title={t("session.changePassword.title")} isOpen onClose={close}>
      {change.isSuccess ? (
        <>
          <Notice tone="good">{t("session.changePassword.done")}</Notice>
          <Button onPress={close}>{t("common.close")}</Button>
        </>
      ) : (
        <Form className="stack" onSubmit={submit}>
          <Field
            label={t("session.changePassword.current")}
            value={current}
            onChange={setCurrent}
            type="password"
            autoComplete="current-password"
            dir="ltr"
            isRequired
          />
          <Field
            label={t("session.changePassword.new")}
            hint={t("session.changePassword.hint")}
            value={fresh}
            onChange={setFresh}
            type="password"
            autoComplete="new-password"
            dir="ltr"
            isRequired
            minLength={SHORTEST}
          />
          <Trouble error={change.error} />
          <Button type="submit" isDisabled={change.isPending}>
            {t("common.save")}
          </Button>
        </Form>
      )}
    </Dialog>
  );
}
