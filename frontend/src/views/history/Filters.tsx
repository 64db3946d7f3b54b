import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import type { Analysis } from "../../stores/analyses";
import { Choice } from "../../ui/Choice";

const ALL = "all";

export interface Wanted {
  model: string;
  decision: "all" | "predicted" | "abstained";
}

export const EVERY: Wanted = { model: ALL, decision: ALL };

export function fits({ model, prediction }: Analysis, wanted: Wanted): boolean {
  return (wanted.model === ALL || wanted.model === model) && (wanted.decision === ALL || wanted.decision === prediction?.decision);
}

interface Props {
  items: readonly Analysis[];
  wanted: Wanted;
  onChange: (wanted: Wanted) => void;
}

export function Filters({ items, wanted, onChange }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const models = [...new Set([...items.map((item) => item.model), ...(wanted.model === ALL ? [] : [wanted.model])])].sort();
  return (
    <div className="history-filters">
      <Choice
        label={t("history.model")}
        value={wanted.model}
        options={[{ id: ALL, text: t("history.all") }, ...models.map((id) => ({ id, text: words.model(id) }))]}
        onChange={(model) => onChange({ ...wanted, model })}
      />
      <Choice
        label={t("history.decision")}
        value={wanted.decision}
        options={(["all", "predicted", "abstained"] as const).map((id) => ({ id, text: t(`history.${id}`) }))}
        onChange={(decision) => onChange({ ...wanted, decision })}
      />
    </div>
  );
}
