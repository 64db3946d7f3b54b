import { useTranslation } from "react-i18next";
import type { Prediction } from "../../api/client";
import { useWords } from "../../i18n/words";
import type { Analysis } from "../../stores/analyses";
import { Actions } from "./Actions";
import { Advice } from "./Advice";
import { Contributions } from "./Contributions";
import { Details } from "./Details";
import { Feedback } from "./Feedback";
import { Outcome } from "./Outcome";
import { Probabilities } from "./Probabilities";
import { asShown, best, heatOf } from "./sentences";
import { Viewer } from "./viewer/Viewer";
import { Warnings } from "./Warnings";
import "./result.css";

/** What a model said of a picture, with all that helps to judge it. Nothing while there is no answer. */
export function Result({ analysis }: { analysis: Analysis }) {
  const { prediction } = analysis;
  if (!prediction) return null;
  return <Answered key={prediction.request_id} analysis={analysis} prediction={prediction} />;
}

function Answered({ analysis, prediction }: { analysis: Analysis; prediction: Prediction }) {
  const { warnings } = analysis;
  const told = asShown(prediction, analysis.suggestions);
  const isStrange = told.abstain_reason === "out_of_distribution"; // then there is little to show beside the picture
  return (
    <article className="result card">
      <Outcome prediction={told} />
      <Warnings warnings={warnings} />
      <div className="result-columns">
        <div className="stack result-side">
          <Picture picture={analysis.picture} prediction={prediction} />
          <Contributions prediction={prediction} />
        </div>
        <div className="stack result-side">
          <Probabilities prediction={told} />
          {isStrange && <Advice prediction={prediction} />}
        </div>
      </div>
      {!isStrange && <Advice prediction={prediction} />}
      <Actions id={analysis.id} picture={analysis.picture} prediction={prediction} warnings={warnings} />
      <Feedback analysis={analysis} prediction={prediction} />
      <Details prediction={prediction} />
    </article>
  );
}

function Picture({ picture, prediction }: { picture: string; prediction: Prediction }) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <Viewer
      picture={picture}
      name={t("result.viewer.picture")}
      overlay={heatOf(prediction)}
      target={words.label(best(prediction))}
    />
  );
}
