import { Download } from "lucide-react";
import { useTranslation } from "react-i18next";
import { saveTable } from "../../downloads";
import { useWords } from "../../i18n/words";
import type { Analysis } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { tableOf } from "./table";

const NAME = "doctorai.csv";

/** How many of several pictures got an answer, and all results to take along. */
export function Summary({ items }: { items: readonly Analysis[] }) {
  const { t } = useTranslation();
  const words = useWords();
  const done = items.filter((item) => item.state === "done");
  if (done.length < 2) return null;
  const predicted = done.filter((item) => item.prediction?.decision === "predicted").length;
  const counts = { predicted: words.number(predicted), abstained: words.number(done.length - predicted) };
  return (
    <section className="card analyse-summary">
      <p>{t("analyse.summary.count", counts)}</p>
      <Button look="plain" onPress={() => saveTable(NAME, tableOf(done))}>
        <Download aria-hidden size={18} />
        {t("analyse.summary.save")}
      </Button>
    </section>
  );
}
