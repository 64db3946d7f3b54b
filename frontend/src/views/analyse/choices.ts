import { useHealth, useMe, useModels } from "../../api/queries";
import { useWords } from "../../i18n/words";

/** The models that ship, in the order of their cards, with what they tell apart. */
const SHIPPED: Record<string, readonly string[]> = {
  xray: ["normal", "pneumonia"],
  tumor: ["glioma", "meningioma", "pituitary", "no_tumor"],
  monkeypox: ["monkeypox", "non_monkeypox"],
  lung_colon: ["colon_adenocarcinoma", "colon_benign", "lung_adenocarcinoma", "lung_squamous_cell_carcinoma", "lung_benign"],
  palm_disease: ["anemia", "healthy"],
};

/** A model that takes pictures. */
export interface Choice {
  model: string;
  /** Where the translations do not know it: what its card says of itself. */
  title: string | null;
  accepts: string | null;
  labels: readonly string[];
  /** null: nobody has said yet. */
  isReady: boolean | null;
  /** Why it is not ready, in English. */
  reason: string | null;
  /** This account may use it. */
  isAllowed: boolean;
}

/** As `/api/models` has it. */
interface Entry {
  model: string;
  service: string;
  ready: boolean;
  reason?: string;
  title?: string;
  accepts?: string;
  labels?: Record<string, unknown>;
}

/** Every model that takes pictures: those that ship, then any of the operator's own. */
export function useChoices(): { choices: Choice[]; error: Error | null; isPending: boolean } {
  const models = useModels();
  const health = useHealth().data;
  const allowed = useMe().data?.models ?? null;
  const entries = ((models.data?.models ?? []) as unknown as Entry[]).filter(({ service }) => service !== "chatbot");
  const choices = entries.map((entry): Choice => {
    const service = health?.services[entry.service];
    return {
      model: entry.model,
      title: entry.title ?? null,
      accepts: entry.accepts ?? null,
      labels: labelsOf(entry),
      isReady: health?.models[entry.model] ?? service?.ready ?? null,
      reason: service?.reason ?? null,
      isAllowed: !allowed || allowed.includes(entry.model),
    };
  });
  return { choices: choices.sort(byPlace), error: models.data ? null : models.error, isPending: models.isPending };
}

/** In the order that a reader expects, where it is known. */
function labelsOf({ model, labels }: Entry): readonly string[] {
  const known = isShipped(model) ? (SHIPPED[model] ?? []) : [];
  return labels ? Object.keys(labels).sort((one, other) => known.indexOf(one) - known.indexOf(other)) : known;
}

function byPlace(one: Choice, other: Choice): number {
  return place(one) - place(other) || one.model.localeCompare(other.model);
}

function place({ model }: Choice): number {
  const at = Object.keys(SHIPPED).indexOf(model);
  return at < 0 ? Object.keys(SHIPPED).length : at;
}

/** What a model is called: in the page's words where it has some, else in the operator's. */
export function useNameOf(): (choice: Choice) => string {
  const words = useWords();
  return ({ model, title }) => (isShipped(model) ? words.model(model) : (title ?? model));
}

/** Whether the translations describe it. */
export const isShipped = (model: string): boolean => Object.hasOwn(SHIPPED, model);
