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
  return <Answered key={prediction.request_id} analysis={analysis} given={prediction} />;
}

/** `given`: as it came; all that is read shows it as it is told. */
function Answered({ analysis, given }: { analysis: Analysis; given: Prediction }) {
  const prediction = asShown(given, analysis.suggestions);
  const isStrange = prediction.abstain_reason === "out_of_distribution"; // then there is little to show beside the picture
  return (
    <article className="result card">
      <Outcome prediction={prediction} />
      <Warnings warnings={analysis.warnings} />
      <div className="result-columns">
        <div className="stack result-side">
          <Picture picture={analysis.picture} prediction={prediction} />
          <Contributions prediction={prediction} />
        </div>
        <div className="stack result-side">
          <Probabilities prediction={prediction} />
          {isStrange && <Advice prediction={prediction} />}
        </div>
      </div>
      {!isStrange && <Advice prediction={prediction} />}
      <Actions {...{ analysis, given, prediction }} />
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
