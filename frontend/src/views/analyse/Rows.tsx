import { CircleAlert, CircleCheck, CircleHelp, CircleSlash, Clock, RotateCw, Trash2, TriangleAlert, X } from "lucide-react";
import { type RefObject, useEffect, useRef } from "react";
import { ProgressBar } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { type Analysis, useAnalyses } from "../../stores/analyses";
import { useIntake } from "../../stores/intake";
import { Button } from "../../ui/Button";
import { forgetPicture } from "./forget";
import { isUnfinished } from "./queue";
import { queue } from "./running";
import { useNow, useStateWords } from "./state";

interface Props {
  onOpen: (id: string) => void;
}

/** A row for each picture, the newest first. */
export function Rows({ onOpen }: Props) {
  const { t } = useTranslation();
  const items = useAnalyses((state) => state.items);
  const selected = useIntake((state) => state.selected);
  const now = useNow(items.some((item) => item.state === "paused"));
  const list = useRef<HTMLUListElement>(null);
  useShownIn(list, selected, items.length);
  return (
    <section className="card analyse-queue" aria-labelledby="analyse-pictures">
      <div className="row apart">
        <h3 id="analyse-pictures" tabIndex={-1}>
          {t("analyse.pictures")}
        </h3>
        {items.filter(isUnfinished).length > 1 && (
          <Button look="plain" onPress={() => queue.cancelAll()}>
            {t("analyse.cancelAll")}
          </Button>
        )}
      </div>
      <ul className="analyse-rows" ref={list}>
        {items.toReversed().map((item) => (
          <Row key={item.id} item={item} isSelected={item.id === selected} now={now} onOpen={onOpen} />
        ))}
      </ul>
    </section>
  );
}

/** Scrolls the list alone, not the page, to the row that is looked at; new rows come above it. */
function useShownIn(listRef: RefObject<HTMLUListElement | null>, selected: string | null, count: number): void {
  useEffect(() => {
    const row = listRef.current?.querySelector<HTMLElement>(".analyse-row.selected");
    if (!listRef.current || !row) return;
    const { scrollTop, clientHeight } = listRef.current;
    const isSeen = row.offsetTop >= scrollTop && row.offsetTop + row.offsetHeight <= scrollTop + clientHeight;
    if (!isSeen) listRef.current.scrollTo({ top: row.offsetTop - (clientHeight - row.offsetHeight) / 2 });
  }, [listRef, selected, count]);
}

const ICONS = { waiting: Clock, paused: Clock, sending: Clock, computing: Clock, failed: CircleAlert, cancelled: CircleSlash };

function Row({ item, isSelected, now, onOpen }: { item: Analysis; isSelected: boolean; now: number; onOpen: (id: string) => void }) {
  const words = useWords();
  const state = useStateWords()(item, now);
  const Icon = item.state === "done" ? (item.prediction?.result ? CircleCheck : CircleHelp) : ICONS[item.state];
  const inner = (
    <>
      <img src={item.picture} alt="" className="analyse-thumb" />
      <span className="analyse-row-text">
        <bdi className="analyse-file">{item.file.name}</bdi>
        <small>{words.model(item.model)}</small>
        <span className={`analyse-state ${item.state}`}>
          <Icon aria-hidden size={15} />
          {state}
        </span>
      </span>
    </>
  );
  return (
    <li className={isSelected ? "analyse-row selected" : "analyse-row"}>
      {item.state === "done" || item.state === "failed" ? (
        <button type="button" id={`row-${item.id}`} className="analyse-open" aria-current={isSelected || undefined} onClick={() => onOpen(item.id)}>
          {inner}
        </button>
      ) : (
        <div className="analyse-open">{inner}</div>
      )}
      <Actions item={item} />
      <Sent item={item} />
      <Noticed warnings={item.warnings} />
    </li>
  );
}

function Noticed({ warnings }: Pick<Analysis, "warnings">) {
  const { t } = useTranslation();
  const words = useWords();
  if (warnings.length === 0) return null;
  return (
    <p className="analyse-noticed">
      <TriangleAlert aria-hidden size={15} />
      {t("analyse.warnings", { what: words.list(warnings.map((warning) => t(`analyse.warning.${warning}`))) })}
    </p>
  );
}

function Sent({ item: { state, sent, file } }: { item: Analysis }) {
  const { t } = useTranslation();
  if (state !== "sending" && state !== "computing") return null;
  return (
    <ProgressBar
      className="progress analyse-sent"
      aria-label={t("analyse.progress", { name: file.name })}
      value={sent * 100}
      isIndeterminate={state === "computing"}
    >
      <div className={state === "computing" ? "track waits" : "track"}>
        <div className="fill" style={{ inlineSize: `${sent * 100}%` }} />
      </div>
    </ProgressBar>
  );
}

/** A second click is not taken for what has come to where the first one was. */
const SETTLE_MS = 500;

/** What can be done with a picture; the focus stays here when its button goes. */
function Actions({ item }: { item: Analysis }) {
  const { t } = useTranslation();
  const place = useRef<HTMLSpanElement>(null);
  const since = useRef(0);
  const isRunning = isUnfinished(item);
  useEffect(() => {
    since.current = Date.now();
  }, [isRunning]);
  const { name } = item.file;
  const isSettled = () => Date.now() - since.current >= SETTLE_MS;
  const stay = () => requestAnimationFrame(() => place.current?.querySelector<HTMLElement>("button:last-child")?.focus());
  const retry = () => {
    queue.retry(item.id);
    stay();
  };
  const cancel = () => {
    queue.cancel(item.id);
    stay();
  };
  const canRetry = item.state === "failed" || item.state === "cancelled" || item.state === "paused";
  return (
    <span className="analyse-actions" ref={place}>
      {!isRunning && (
        <Button key="remove" look="quiet" onPress={() => isSettled() && remove(item.id)} aria-label={t("analyse.removeOne", { name })}>
          <Trash2 aria-hidden size={18} />
        </Button>
      )}
      {canRetry && (
        <Button key="retry" look="quiet" onPress={() => isSettled() && retry()} aria-label={t("analyse.retryOne", { name })}>
          <RotateCw aria-hidden size={18} />
        </Button>
      )}
      {isRunning && (
        <Button key="cancel" look="quiet" onPress={cancel} aria-label={t("analyse.cancelOne", { name })}>
          <X aria-hidden size={18} />
        </Button>
      )}
    </span>
  );
}

/** Then the list is where one is; it may be gone, too. */
function remove(id: string): void {
  forgetPicture(id);
  requestAnimationFrame(() => (document.getElementById("analyse-pictures") ?? document.getElementById("content"))?.focus());
}
