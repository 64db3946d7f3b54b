import { useMutation } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Prediction, api, body } from "../../api/client";
import { useMe } from "../../api/queries";
import type { components } from "../../api/schema";
import { type Verdict, useAnalyses } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { Status } from "../../ui/Status";
import { Trouble } from "../../ui/Trouble";
import { Disagreement } from "./Disagreement";
import { useFollow } from "./useFollow";

type Given = components["schemas"]["Given"];

interface Props {
  /** Of the analysis. */
  id: string;
  verdict: Verdict | null;
  prediction: Prediction;
}

/** Was it right? For those who may say so. */
export function Feedback(props: Props) {
  const me = useMe().data;
  return me && me.role !== "viewer" ? <Question {...props} /> : null;
}

function Question({ id, verdict, prediction }: Props) {
  const { t } = useTranslation();
  const [step, setStep] = useState<"kept" | "choosing" | "disagreeing">(verdict ? "kept" : "choosing");
  const said = useMutation({
    mutationFn: (given: Given) => send(prediction.request_id, given),
    onSuccess: (_, given) => {
      useAnalyses.getState().change(id, { verdict: given.verdict });
      setStep("kept");
    },
  });
  const section = useRef<HTMLElement>(null);
  useFollow(section, step);
  const say = (chosen: Verdict) => (chosen === "disagree" ? setStep("disagreeing") : said.mutate({ verdict: chosen }));
  return (
    <section className="feedback stack" ref={section}>
      <h4>{t(prediction.result === null ? "result.feedback.abstained" : "result.feedback.title")}</h4>
      {step === "kept" && verdict && <Kept verdict={verdict} onChange={() => setStep("choosing")} />}
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

function Kept({ verdict, onChange }: { verdict: Verdict; onChange: () => void }) {
  const { t } = useTranslation();
  return (
    <div className="row" role="status">
      <Status is="good">{t(`result.feedback.kept.${verdict}`)}</Status>
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

function send(request_id: string, given: Given): Promise<unknown> {
  return body(api.POST("/api/predictions/{request_id}/feedback", { params: { path: { request_id } }, body: given }));
}
