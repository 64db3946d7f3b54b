import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { type Problem, Refused, refusal } from "../api/client";
import { session } from "../auth/session";
import { Trouble } from "../components/Trouble";

export function SignIn() {
  const { t } = useTranslation();
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({
    mutationFn: async () => {
      const response = await session.start(username, password);
      if (response.status === 401) throw new Refused("WRONG_PASSWORD", "");
      if (!response.ok) throw refusal(response, (await response.json().catch(() => null)) as Problem | null);
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate();
  }
  return (
    <Form className="react-aria-Form card narrow" onSubmit={submit}>
      <h2>{t("signIn.title")}</h2>
      <TextField value={username} onChange={setUsername} autoComplete="username" isRequired>
        <Label>{t("signIn.username")}</Label>
        <Input dir="ltr" />
      </TextField>
      <TextField value={password} onChange={setPassword} type="password" autoComplete="current-password" isRequired>
        <Label>{t("signIn.password")}</Label>
        <Input dir="ltr" />
      </TextField>
      <Trouble error={signIn.error} />
      <Button type="submit" isDisabled={signIn.isPending}>
        {t("signIn.submit")}
      </Button>
    </Form>
  );
}
