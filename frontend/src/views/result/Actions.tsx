import { FileText, MessageCircleQuestion } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import type { Prediction } from "../../api/client";
import { said, useWords } from "../../i18n/words";
import type { Analysis } from "../../stores/analyses";
import { useHandover } from "../../stores/handover";
import { Button } from "../../ui/Button";
import { CompareWith } from "./CompareWith";
import { Report } from "./report/Report";

interface Props {
  analysis: Analysis;
  /** As it came, to be saved. */
  given: Prediction;
  /** As it is told. */
  prediction: Prediction;
}

/** What can be done with an answer. */
export function Actions({ analysis: { id, picture, warnings }, given, prediction }: Props) {
  const { t } = useTranslation();
  const [isReporting, setReporting] = useState(false);
  return (
    <div className="row">
      <Button look="plain" onPress={() => setReporting(true)}>
        <FileText aria-hidden size={18} />
        {t("result.report.open")}
      </Button>
      {prediction.result !== null && <Ask id={id} model={prediction.model} result={prediction.result} />}
      <CompareWith id={id} />
      {isReporting && <Report {...{ picture, given, prediction, warnings }} onClose={() => setReporting(false)} />}
    </div>
  );
}

/** Goes on to the chatbot, with a question that is not asked before it was read. */
function Ask({ id, model, result }: { id: string; model: string; result: string }) {
  const { t } = useTranslation();
  const words = useWords();
  const [, go] = useLocation();
  const question = said(`result.question.${result}`, t("result.ask.question", { label: words.label(result) }));
  const ask = () => {
    useHandover.getState().offer(question, { id, model, label: result });
    go("/chat");
  };
  return (
    <Button look="plain" onPress={ask}>
      <MessageCircleQuestion aria-hidden size={18} />
      {t("result.ask.title")}
    </Button>
  );
}
