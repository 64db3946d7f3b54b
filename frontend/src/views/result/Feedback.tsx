import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Prediction, api, body } from "../../api/client";
import { useMe } from "../../api/queries";
import type { components } from "../../api/schema";
import { type Verdict, useAnalyses } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { Status } from "../../ui/Status";
import { Trouble } from "../../ui/Trouble";
import { Disagreement } from "./Disagreement";

type Given = components["schemas"]["Given"];

interface Props {
  /** Of the analysis. */
  id: string;
  verdict: Verdict | null;
  prediction: Prediction;
}

/** Was it right? */
export function Feedback({ id, verdict, prediction }: Props) {
  const { t } = useTranslation();
  const me = useMe().data;
  const [isChanging, setChanging] = useState(false);
  const [isDisagreeing, setDisagreeing] = useState(false);
  const said = useMutation({
    mutationFn: (given: Given) => send(prediction.request_id, given),
    onSuccess: (_, given) => {
      useAnalyses.getState().change(id, { verdict: given.verdict });
      setChanging(false);
      setDisagreeing(false);
    },
  });
  if (!me || me.role === "viewer") return null;
  return (
    <section className="feedback stack">
      <h4>{t(prediction.result === null ? "result.feedback.abstained" : "result.feedback.title")}</h4>
      {verdict && !isChanging ? (
        <div className="row" role="status">
          <Status is="good">{t(`result.feedback.kept.${verdict}`)}</Status>
          <Button look="quiet" onPress={() => setChanging(true)}>
            {t("result.feedback.change")}
          </Button>
        </div>
      ) : isDisagreeing ? (
        <Disagreement
          id={id}
          prediction={prediction}
          isPending={said.isPending}
          onSend={(label, note) => said.mutate({ verdict: "disagree", label, note })}
          onCancel={() => setDisagreeing(false)}
        />
      ) : (
        <Verdicts isPending={said.isPending} onSay={(chosen) => (chosen === "disagree" ? setDisagreeing(true) : said.mutate({ verdict: chosen }))} />
      )}
      <Trouble error={said.error} />
    </section>
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
