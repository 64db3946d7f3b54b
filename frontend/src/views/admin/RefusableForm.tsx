import { type FormEvent, type ReactNode, useEffect, useMemo, useRef } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Refused } from "../../api/client";
import { Trouble } from "../../ui/Trouble";
import { refusedField } from "./refusal";

interface Props {
  /** Why the gateway did not take it. */
  error: unknown;
  /** The names of the fields that it may have an opinion on. */
  fields: readonly string[];
  /** The field whose value is there already on a conflict, and the words for that. */
  conflict?: { field: string; text: string };
  onSubmit: () => void;
  children: ReactNode;
}

/** Shows a refusal at the field that it is about, and goes there; any other below the fields. */
export function RefusableForm({ error, fields, conflict, onSubmit, children }: Props) {
  const { t } = useTranslation();
  const form = useRef<HTMLFormElement>(null);
  const { field, text } = conflict ?? {};
  const names = fields.join();
  const at = useMemo((): Record<string, string> => {
    if (field && text && error instanceof Refused && error.code === "CONFLICT") return { [field]: text };
    const refused = refusedField(error, names.split(","));
    return refused ? { [refused.field]: t("admin.refused", { why: refused.why }) } : {};
  }, [error, names, field, text, t]);
  useEffect(() => {
    const first = Object.keys(at)[0];
    if (first) form.current?.querySelector<HTMLElement>(`[name="${first}"]`)?.focus();
  }, [at]);
  function submit(event: FormEvent) {
    event.preventDefault();
    onSubmit();
  }
  return (
    <Form ref={form} className="stack" validationErrors={at} onSubmit={submit}>
      {children}
      {Object.keys(at).length === 0 && <Trouble error={error} />}
    </Form>
  );
}
