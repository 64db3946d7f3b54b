import { ImageOff, ScanSearch } from "lucide-react";
import { type ReactNode, useEffect, useEffectEvent, useRef } from "react";
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
import { Notices, Undecided, Waiting } from "./Notices";
import { Rows } from "./Rows";
import { Shown } from "./Shown";
import { Summary } from "./Summary";
import "./analyse.css";
import { type Choice, useChoices } from "./choices";
import { type Dropped, filesOf, useDropped, usePaste } from "./given";
import { rulesOf, take } from "./intake";
import { isDialogOpen, isNarrow, isPhone, motion } from "./screen";

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
  const { give, send } = useGive();
  const mayAnalyse = useMe().data?.role !== "viewer";
  const dropped = useDropped();
  const drop = async (items: Dropped) => {
    const others = dropped();
    const found = await filesOf(items);
    const files = found.length > 0 ? found : others.filter(({ type }) => type.startsWith("image/"));
    if (files.length > 0) give(files);
    else useIntake.setState({ isEmpty: true });
  };
  usePaste((files) => mayAnalyse && give(files));
  return (
    <DropZone
      className="analyse"
      aria-label={t("analyse.drop")}
      isDisabled={!mayAnalyse}
      getDropOperation={(types) => (types.has("text/plain") ? "cancel" : "copy")}
      onDrop={({ items }) => void drop(items)}
    >
      <Page>
        <Undecided />
        <ModelChoice choices={choices} />
        <Waiting choices={choices} onSend={send} />
        {mayAnalyse ? <Input choices={choices} onGive={give} /> : <Notice>{t("analyse.viewer")}</Notice>}
        <Work />
      </Page>
      <p className="analyse-let-go" aria-hidden>
        {t("analyse.dropNow")}
      </p>
    </DropZone>
  );
}

/** What is given goes to the chosen model; before one is chosen it waits, also for what comes then, until it is sent. */
function useGive() {
  const rules = rulesOf(usePageSettings().data);
  const give = (files: File[]) => {
    const { model, undecided } = useIntake.getState();
    useIntake.setState({ isEmpty: false });
    if (model && undecided.length === 0) void take(model, files, rules);
    else useIntake.setState({ undecided: [...undecided, ...files] });
  };
  const send = (model: string) => {
    const { undecided } = useIntake.getState();
    useIntake.setState({ undecided: [] });
    void take(model, undecided, rules);
  };
  return { give, send };
}

function Input({ choices, onGive }: { choices: readonly Choice[]; onGive: (files: File[]) => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const model = useIntake((state) => state.model);
  const isDown = choices.find((choice) => choice.model === model)?.isReady === false;
  return (
    <section className="stack" aria-labelledby="analyse-give">
      <h3 id="analyse-give" className="analyse-step" tabIndex={-1}>
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
  const heading = useRef<HTMLHeadingElement>(null);
  const selected = useSelected(items, () => isPhone() && !isDialogOpen() && goTo(heading.current));
  const open = (id: string) => {
    flushSync(() => useIntake.setState({ selected: id, isAwaiting: false }));
    goTo(heading.current);
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

function goTo(heading: HTMLElement | null): void {
  heading?.focus({ preventScroll: true });
  heading?.scrollIntoView({ block: isNarrow() ? "start" : "nearest", behavior: motion() });
}

/** What is looked at must not be taken from somebody who writes a report or a disagreement. */
const isBusy = (): boolean => isDialogOpen() || document.querySelector(".feedback form") !== null;

/** The analysis that somebody chose, until the first one of what was given since is finished; that one from then on. */
function useSelected(items: readonly Analysis[], onFirst: () => void): Analysis | undefined {
  const { selected, since, isAwaiting } = useIntake();
  const found = items.find((item) => item.id === selected);
  const isOpen = found !== undefined;
  const first = isOpen && !isAwaiting ? undefined : items.find((item) => item.state === "done" && item.addedAt >= since);
  const arrived = useEffectEvent(onFirst);
  useEffect(() => {
    if (!first) return;
    const stays = isOpen && isBusy();
    useIntake.setState(stays ? { isAwaiting: false } : { selected: first.id, isAwaiting: false });
    if (!stays) arrived();
  }, [first, isOpen]);
  return found ?? first;
}
