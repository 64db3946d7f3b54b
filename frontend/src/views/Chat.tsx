import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { Button, Form, Input, Label, TextField } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { ask } from "../api/chat";
import type { ChatAnswer } from "../api/client";
import { Trouble } from "../components/Trouble";
import { Turn } from "../components/Turn";

interface Asked {
  question: string;
  answer: ChatAnswer;
}

export function Chat() {
  const { t } = useTranslation();
  const [asked, setAsked] = useState<Asked[]>([]);
  const [message, setMessage] = useState("");
  const [arriving, setArriving] = useState("");
  const question = useMutation({
    mutationFn: (words: string) => ask(words, asked.at(-1)?.answer.session_id ?? null, setArriving),
    onSuccess: (answer, words) => {
      setAsked((before) => [...before, { question: words, answer }]);
      setMessage("");
    },
    onSettled: () => setArriving(""),
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (message.trim() && !question.isPending) question.mutate(message.trim());
  }
  return (
    <section className="card">
      <div role="log" aria-label={t("chat.title")}>
        {asked.map((turn, at) => (
          <Turn key={at} question={turn.question} answer={turn.answer} />
        ))}
        {question.isPending && (
          <>
            <p className="question" dir="auto">
              {question.variables}
            </p>
            <p dir="auto">{arriving || t("chat.wait")}</p>
          </>
        )}
      </div>
      <Trouble error={question.error} />
      <Form onSubmit={submit} className="react-aria-Form row">
        <TextField value={message} onChange={setMessage} maxLength={4000}>
          <Label>{t("chat.label")}</Label>
          <Input dir="auto" />
        </TextField>
        <Button type="submit" isDisabled={question.isPending || !message.trim()}>
          {t("chat.submit")}
        </Button>
        <Button className="react-aria-Button plain" isDisabled={asked.length === 0} onPress={() => setAsked([])}>
          {t("chat.anew")}
        </Button>
      </Form>
    </section>
  );
}
