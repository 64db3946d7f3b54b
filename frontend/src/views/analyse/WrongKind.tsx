import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { upload } from "../../api/upload";
import { useWords } from "../../i18n/words";
import { type Analysis, type Suggestions, useAnalyses } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { Notice } from "../../ui/Notice";
import { STRANGE } from "../result/sentences";
import { earlierOf, enqueue } from "./intake";

const MOST_SHOWN = 2;

/** True when the model does not know such pictures, whatever else it gave as its reason. */
export function isWrongKind({ prediction }: Analysis): boolean {
  if (prediction?.decision !== "abstained") return false;
  return prediction.abstain_reason === "out_of_distribution" || (prediction.ood_score ?? 0) >= STRANGE;
}

/** Which model the picture may be for, asked once. */
export function WrongKind({ analysis, onOpen }: { analysis: Analysis; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const { data, isError, refetch } = useQuery({
    queryKey: ["suggest", analysis.id],
    queryFn: ({ signal }) => asked(analysis, signal),
    staleTime: Infinity,
    ...(analysis.suggestions ? { initialData: analysis.suggestions } : {}),
  });
  if (data) return <Found analysis={analysis} suggestions={data} onOpen={onOpen} />;
  if (!isError) return <p role="status">{t("analyse.wrong.asking")}</p>;
  return (
    <Notice>
      <p>{t("analyse.wrong.failed")}</p>
      <Button look="plain" onPress={() => void refetch()}>
        {t("common.retry")}
      </Button>
    </Notice>
  );
}

async function asked({ id, file }: Analysis, signal: AbortSignal): Promise<Suggestions> {
  const form = new FormData();
  form.set("file", file, file.name);
  const suggestions = (await upload("/api/suggest", form, { signal })) as Suggestions;
  useAnalyses.getState().change(id, { suggestions });
  return suggestions;
}

function Found({ analysis, suggestions, onOpen }: { analysis: Analysis; suggestions: Suggestions; onOpen: (id: string) => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const better = suggestions.suggestions.filter(({ model, plausible }) => plausible && model !== analysis.model);
  const unsure = suggestions.unavailable.length > 0 && (
    <small>{t("analyse.wrong.unsure", { models: words.list(suggestions.unavailable.map(words.model)) })}</small>
  );
  return (
    <Notice>
      <p className="analyse-strong">{better.length > 0 ? t("analyse.wrong.title") : t("analyse.wrong.none")}</p>
      {better.slice(0, MOST_SHOWN).map(({ model }) => (
        <div key={model} className="row">
          <span>{words.model(model)}</span>
          <Button
            look="plain"
            aria-label={t("analyse.wrong.thereOf", { model: words.model(model) })}
            onPress={() => onOpen(analysed(analysis, model))}
          >
            {t("analyse.wrong.there")}
          </Button>
        </div>
      ))}
      {unsure}
    </Notice>
  );
}

/** The analysis of the same picture by another model: the one that there is, else a new one. */
function analysed({ file, digest, warnings }: Analysis, model: string): string {
  const earlier = digest ? earlierOf(model, digest) : undefined;
  return (earlier ?? enqueue(model, file, { digest, warnings })).id;
}
