import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { useWords } from "../../i18n/words";
import { useObjections } from "../../stores/objections";
import { Button } from "../../ui/Button";
import { Choice } from "../../ui/Choice";
import { Field } from "../../ui/Field";

/** None of the model's labels. */
export const OTHER = "other";
const MOST_NOTE = 2_000;

interface Props {
  /** Of the analysis. */
  id: string;
  prediction: Prediction;
  isPending: boolean;
  onSend: (label: string, note: string | null) => void;
  onCancel: () => void;
}

/** What would have been right. */
export function Disagreement({ id, prediction, isPending, onSend, onCancel }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const { label, note } = useObjections((all) => all.of[id]) ?? { label: null, note: "" };
  const write = useObjections((all) => all.write);
  const [isMissing, setMissing] = useState(false);
  const others = Object.keys(prediction.probabilities).filter((one) => one !== prediction.result);
  const options = [
    ...others.map((one) => ({ id: one, text: words.label(one) })),
    { id: OTHER, text: t("result.feedback.other") },
  ];
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        setMissing(label === null);
        if (label !== null) onSend(label, note.trim() || null);
      }}
    >
      <Choice
        label={t("result.feedback.right")}
        placeholder={t("result.feedback.pick")}
        value={label}
        options={options}
        onChange={(chosen) => write(id, { label: chosen, note })}
      />
      {isMissing && label === null && (
        <p role="alert" className="feedback-missing">
          {t("result.feedback.missing")}
        </p>
      )}
      <Field
        label={t("result.feedback.note")}
        hint={t("result.feedback.noteHint")}
        lines={2}
        isPrivate
        value={note}
        maxLength={MOST_NOTE}
        onChange={(text) => write(id, { label, note: text })}
      />
      <div className="row end">
        <Button look="plain" onPress={onCancel}>
          {t("common.cancel")}
        </Button>
        <Button type="submit" isDisabled={isPending}>
          {t("result.feedback.send")}
        </Button>
      </div>
    </form>
  );
}
