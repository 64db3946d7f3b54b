import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Prediction, api, body } from "../../api/client";
import { useMe } from "../../api/queries";
import type { components } from "../../api/schema";
import { useWords } from "../../i18n/words";
import { type Analysis, type Verdict, useAnalyses } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { Status } from "../../ui/Status";
import { Trouble } from "../../ui/Trouble";
import { Disagreement, OTHER } from "./Disagreement";
import { useFollow } from "./useFollow";

type Given = components["schemas"]["Given"];

interface Props {
  analysis: Analysis;
  prediction: Prediction;
}

/** Was it right? For those who may say so. */
export function Feedback(props: Props) {
  const me = useMe().data;
  return me && me.role !== "viewer" ? <Question {...props} /> : null;
}

function Question({ analysis: { id, verdict, correction }, prediction }: Props) {
  const { t } = useTranslation();
  const [step, setStep] = useState<"kept" | "choosing" | "disagreeing">(verdict ? "kept" : "choosing");
  const said = useMutation({
    mutationFn: (given: Given) => send(prediction.request_id, given),
    onSuccess: (_, given) => {
      useAnalyses.getState().change(id, { verdict: given.verdict, correction: correctionOf(given) });
      setStep("kept");
    },
  });
  const section = useRef<HTMLElement>(null);
  useFollow(section, step);
  const say = (chosen: Verdict) => (chosen === "disagree" ? setStep("disagreeing") : said.mutate({ verdict: chosen }));
  return (
    <section className="feedback stack" ref={section}>
      <h4>{t(prediction.result === null ? "result.feedback.abstained" : "result.feedback.title")}</h4>
      {step === "kept" && verdict && <Kept verdict={verdict} correction={correction} onChange={() => setStep("choosing")} />}
      {step === "choosing" && <Verdicts isPending={said.isPending} onSay={say} />}
      {step === "disagreeing" && (
        <Disagreement
          id={id}
          prediction={prediction}
          isPending={said.isPending}
          onSend={(label, note) => said.mutate({ verdict: "disagree", label, note })}
          onCancel={() => setStep(verdict ? "kept" : "choosing")}
        />
      )}
      <Trouble error={said.error} />
    </section>
  );
}

interface KeptProps {
  verdict: Verdict;
  correction: Analysis["correction"];
  onChange: () => void;
}

function Kept({ verdict, correction, onChange }: KeptProps) {
  const { t } = useTranslation();
  const words = useWords();
  const isOther = correction?.label === OTHER;
  return (
    <div className="row" role="status">
      <Status is="good">{t(`result.feedback.kept.${verdict}`)}</Status>
      {correction && (
        <span>{t("result.feedback.chosen", { label: isOther ? t("result.feedback.other") : words.label(correction.label) })}</span>
      )}
      {correction?.hasNote && <span>{t("result.feedback.noted")}</span>}
      <Button look="quiet" onPress={onChange}>
        {t("result.feedback.change")}
      </Button>
    </div>
  );
}

const VERDICTS: readonly Verdict[] = ["agree", "disagree", "unsure"];

function Verdicts({ isPending, onSay }: { isPending: boolean; onSay: (verdict: Verdict) => void }) {
  const { t } = useTranslation();
  return (
    <div className="row">
      {VERDICTS.map((verdict) => (
        <Button key={verdict} look="plain" isDisabled={isPending} onPress={() => onSay(verdict)}>
          {t(`result.feedback.${verdict}`)}
        </Button>
      ))}
    </div>
  );
}

function correctionOf({ label, note }: Given): Analysis["correction"] {
  return label ? { label, hasNote: Boolean(note) } : null;
}

function send(request_id: string, given: Given): Promise<unknown> {
  return body(api.POST("/api/predictions/{request_id}/feedback", { params: { path: { request_id } }, body: given }));
}
