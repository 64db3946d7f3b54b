import { ImageOff, ScanSearch } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { flushSync } from "react-dom";
import { DropZone } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useMe, usePageSettings } from "../../api/queries";
import { useWords } from "../../i18n/words";
import { type Analysis, useAnalyses } from "../../stores/analyses";
import { useIntake } from "../../stores/intake";
import { Empty } from "../../ui/Empty";
import { Loading } from "../../ui/Loading";
import { Notice } from "../../ui/Notice";
import { Trouble } from "../../ui/Trouble";
import { Announcements } from "./Announcements";
import { Give } from "./Give";
import { ModelChoice } from "./ModelChoice";
import { Notices } from "./Notices";
import { Rows } from "./Rows";
import { Shown } from "./Shown";
import { Summary } from "./Summary";
import "./analyse.css";
import { type Choice, useChoices } from "./choices";
import { filesOf, useFileGuard, usePaste } from "./given";
import { limitOf, take } from "./intake";

/** Pictures are given to a model, and their results looked at. */
export default function View() {
  const { t } = useTranslation();
  const { choices, error, isPending } = useChoices();
  if (isPending) return <Page><Loading lines={6} /></Page>;
  if (error) return <Page><Trouble error={error} /></Page>;
  if (choices.length === 0) return <Page><Empty icon={ImageOff} title={t("analyse.noModels")} text={t("analyse.noModelsText")} /></Page>;
  return <Analyse choices={choices} />;
}

function Page({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  return (
    <>
      <h2>{t("analyse.title")}</h2>
      {children}
    </>
  );
}

function Analyse({ choices }: { choices: readonly Choice[] }) {
  const { t } = useTranslation();
  const { give, choose } = useGive();
  const mayAnalyse = useMe().data?.role !== "viewer";
  useFileGuard();
  usePaste((files) => mayAnalyse && give(files));
  return (
    <DropZone
      className="analyse"
      aria-label={t("analyse.drop")}
      isDisabled={!mayAnalyse}
      getDropOperation={(types) => (types.has("text/plain") ? "cancel" : "copy")}
      onDrop={({ items }) => void filesOf(items).then((files) => (files.length > 0 ? give(files) : useIntake.setState({ isEmpty: true })))}
    >
      <Page>
        <ModelChoice choices={choices} onChoose={choose} />
        {mayAnalyse ? <Input choices={choices} onGive={give} /> : <Notice>{t("analyse.viewer")}</Notice>}
        <Work />
      </Page>
      <p className="analyse-let-go" aria-hidden>
        {t("analyse.dropNow")}
      </p>
    </DropZone>
  );
}

/** What is given goes to the chosen model, or waits until one is chosen. */
function useGive() {
  const limit = limitOf(usePageSettings().data);
  const give = (files: File[]) => {
    const { model, undecided } = useIntake.getState();
    useIntake.setState({ isEmpty: false });
    if (model) void take(model, files, { limit });
    else useIntake.setState({ undecided: [...undecided, ...files] });
  };
  const choose = (model: string) => {
    const { undecided } = useIntake.getState();
    useIntake.setState({ model, undecided: [] });
    void take(model, undecided, { limit });
  };
  return { give, choose };
}

function Input({ choices, onGive }: { choices: readonly Choice[]; onGive: (files: File[]) => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const model = useIntake((state) => state.model);
  const isDown = choices.find((choice) => choice.model === model)?.isReady === false;
  return (
    <section className="stack" aria-labelledby="analyse-give">
      <h3 id="analyse-give" className="analyse-step">
        {t("analyse.give")}
      </h3>
      {model && isDown && <Notice tone="warning">{t("analyse.modelDown", { model: words.model(model) })}</Notice>}
      <Give onGive={onGive} isChosen={model !== null} />
      <Notices />
    </section>
  );
}

/** The pictures, and the result of the one that is looked at. */
function Work() {
  const { t } = useTranslation();
  const items = useAnalyses((state) => state.items);
  const selected = useSelected(items);
  const heading = useRef<HTMLHeadingElement>(null);
  const open = (id: string) => {
    flushSync(() => useIntake.setState({ selected: id }));
    heading.current?.focus({ preventScroll: true });
    heading.current?.scrollIntoView({ block: "nearest" });
  };
  if (items.length === 0) return null;
  return (
    <div className="analyse-work">
      <Announcements items={items} />
      <div className="analyse-side">
        <Rows onOpen={open} />
        <Summary items={items} />
      </div>
      {selected ? (
        <Shown analysis={selected} heading={heading} onOpen={open} />
      ) : (
        <Empty icon={ScanSearch} title={t("analyse.nothingYet")} text={t("analyse.nothingYetText")} />
      )}
    </div>
  );
}

/** The analysis that somebody chose; else the first one of what was given last that is finished, from then on. */
function useSelected(items: readonly Analysis[]): Analysis | undefined {
  const { selected, since } = useIntake();
  const found = items.find((item) => item.id === selected);
  const first = found ? undefined : items.find((item) => item.state === "done" && item.addedAt >= since);
  useEffect(() => {
    if (first) useIntake.setState({ selected: first.id });
  }, [first]);
  return found ?? first;
}
