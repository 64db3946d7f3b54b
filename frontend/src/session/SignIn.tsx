import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { type Problem, Refused, refusal } from "../api/client";
import { Button } from "../ui/Button";
import { Field } from "../ui/Field";
import { Reveal } from "../ui/Reveal";
import { Trouble } from "../ui/Trouble";
import { session } from "./session";

/** Name and password. `username`: only this person may go on. */
export function SignInForm({ username: only }: { username?: string }) {
  const { t } = useTranslation();
  const [username, setUsername] = useState(only ?? "");
  const [password, setPassword] = useState("");
  const [isShown, setShown] = useState(false);
  const signIn = useMutation({ mutationFn: () => start(username.trim(), password), gcTime: 0 });
  function submit(event: FormEvent) {
    event.preventDefault();
    signIn.mutate();
  }
  return (
    <Form className="stack" onSubmit={submit}>
      <Field
        label={t("session.username")}
        value={username}
        onChange={setUsername}
        autoComplete="username"
        dir="ltr"
        isRequired
        isReadOnly={only !== undefined}
        autoFocus={only === undefined}
      />
      <Field
        label={t("session.password")}
        value={password}
        onChange={setPassword}
        type={isShown ? "text" : "password"}
        autoComplete="current-password"
        dir="ltr"
        isRequired
        autoFocus={only !== undefined}
        action={<Reveal isShown={isShown} onChange={setShown} />}
      />
      <Trouble error={signIn.error} />
      <Button type="submit" isDisabled={signIn.isPending}>
        {t("session.submit")}
      </Button>
    </Form>
  );
}

async function start(username: string, password: string): Promise<void> {
  const response = await session.start(username, password);
  if (response.status === 401) throw new Refused("WRONG_PASSWORD");
  if (!response.ok) throw refusal(response, (await response.json().catch(() => null)) as Problem | null);
}

/** The first thing that somebody sees. */
export function SignIn() {
  const { t } = useTranslation();
  return (
    <section className="card narrow">
      <h2>{t("session.title")}</h2>
      <p className="quiet-text">{t("session.lead")}</p>
      <SignInForm />
    </section>
  );
}
