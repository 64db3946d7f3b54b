import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { useSettings } from "../../stores/settings";
import { Button } from "../../ui/Button";
import { Field } from "../../ui/Field";
import { phoneOf } from "./phone";

/** This person's own number to call; without one the operator's is shown. */
export function EmergencyNumber() {
  const { t } = useTranslation();
  const { emergencyNumber, setEmergencyNumber } = useSettings();
  const [typed, setTyped] = useState<string | null>(null); // null: nothing since it was kept
  const [isSaved, setSaved] = useState(false);
  const operators = usePageSettings().data?.emergency_number;
  function submit(event: FormEvent) {
    event.preventDefault();
    const number = phoneOf(typed ?? emergencyNumber);
    if (number === null) return;
    setEmergencyNumber(number);
    setTyped(null);
    setSaved(true);
  }
  return (
    <section className="card">
      <h3>{t("settings.emergency.title")}</h3>
      <Form className="stack" onSubmit={submit}>
        <Field
          label={t("settings.emergency.label")}
          hint={operators ? t("settings.emergency.hint", { number: isolated(operators) }) : t("settings.emergency.hintNone")}
          value={typed ?? emergencyNumber}
          onChange={(text) => (setTyped(text), setSaved(false))}
          type="tel"
          inputMode="tel"
          autoComplete="off"
          dir="ltr"
          validate={(text) => (phoneOf(text) === null ? t("settings.emergency.invalid") : null)}
        />
        <div className="row">
          <Button type="submit">{t("common.save")}</Button>
          <span role="status">{isSaved && t("settings.emergency.saved")}</span>
        </div>
      </Form>
    </section>
  );
}

/** A number keeps its order in a text that runs from right to left. */
function isolated(number: string): string {
  return `\u2066${number}\u2069`;
}
