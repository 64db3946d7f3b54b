import { ArrowUp } from "lucide-react";
import type { RefObject } from "react";
import { useTranslation } from "react-i18next";
import type { Analysis } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { Loading } from "../../ui/Loading";
import { Trouble } from "../../ui/Trouble";
import { Result } from "../result";
import { WrongKind, isWrongKind } from "./WrongKind";
import { useNow, useStateWords } from "./state";

interface Props {
  analysis: Analysis;
  heading: RefObject<HTMLHeadingElement | null>;
  onOpen: (id: string) => void;
}

/** What became of one picture. */
export function Shown({ analysis, heading, onOpen }: Props) {
  const { t } = useTranslation();
  return (
    <section className="analyse-shown" aria-labelledby="analyse-result">
      <div className="row apart">
        <h3 id="analyse-result" ref={heading} tabIndex={-1}>
          {t("analyse.result", { name: analysis.file.name })}
        </h3>
        <Button look="quiet" onPress={() => backTo(analysis.id)}>
          <ArrowUp aria-hidden size={16} />
          {t("analyse.back")}
        </Button>
      </div>
      {analysis.state === "done" ? <Done analysis={analysis} onOpen={onOpen} /> : <Pending analysis={analysis} />}
    </section>
  );
}

function Done({ analysis, onOpen }: { analysis: Analysis; onOpen: (id: string) => void }) {
  return (
    <>
      {isWrongKind(analysis) && <WrongKind key={analysis.id} analysis={analysis} onOpen={onOpen} />}
      <Result key={`result-${analysis.id}`} analysis={analysis} />
    </>
  );
}

function Pending({ analysis }: { analysis: Analysis }) {
  const state = useStateWords()(analysis, useNow(analysis.state === "paused"));
  if (analysis.state === "failed") return <Trouble error={analysis.error} />;
  return (
    <>
      <p>{state}</p>
      {analysis.state !== "cancelled" && <Loading />}
    </>
  );
}

function backTo(id: string): void {
  const row = document.getElementById(`row-${id}`) ?? document.getElementById("analyse-pictures");
  row?.focus();
  row?.scrollIntoView({ block: "center" });
}
