import { Download, ScrollText } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { saveTable } from "../../../downloads";
import { useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { Empty } from "../../../ui/Empty";
import { Loading } from "../../../ui/Loading";
import { Trouble } from "../../../ui/Trouble";
import { EntryLine } from "./EntryLine";
import { tableOf } from "./csv";
import type { Entry, Narrow } from "./filters";
import type { useEntries } from "./queries";

type Log = ReturnType<typeof useEntries>;

interface Props {
  log: Log;
  /** Renewed sessions were asked for themselves. */
  isAsked: boolean;
  onNarrow: Narrow;
}

/** What of the log was asked for, as far as it was read; without renewed sessions, which are most of it, unless they are wanted. */
export function Entries({ log, isAsked, onNarrow }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const [isAll, setAll] = useState(false);
  const found = log.data?.pages.flatMap((page) => page.entries) ?? [];
  const entries = isAll || isAsked ? found : found.filter(({ action }) => action !== "refresh");
  const hidden = found.length - entries.length;
  if (log.isPending) return <Loading lines={6} />;
  if (!log.data) return <Trouble error={log.error} onRetry={() => void log.refetch()} />;
  return (
    <>
      <div className="row apart">
        <p role="status" className="quiet-text">
          {t("admin.audit.count", { count: entries.length, number: words.number(entries.length) })}
        </p>
        {entries.length > 0 && <Export entries={entries} />}
      </div>
      {!isAsked && <Renewed isAll={isAll} hidden={hidden} onChange={setAll} />}
      {found.length === 0 && !log.hasNextPage && (
        <Empty icon={ScrollText} title={t("admin.audit.none")} text={t("admin.audit.noneText")} />
      )}
      <ul className="admin-entries" aria-label={t("admin.audit.title")}>
        {entries.map((entry, at) => (
          <EntryLine key={at} entry={entry} onNarrow={onNarrow} />
        ))}
      </ul>
      <Trouble error={log.error} onRetry={() => void log.fetchNextPage()} />
      <Older log={log} isNone={found.length === 0} />
    </>
  );
}

function Renewed({ isAll, hidden, onChange }: { isAll: boolean; hidden: number; onChange: (isAll: boolean) => void }) {
  const { t } = useTranslation();
  const words = useWords();
  return (
    <label className="row">
      <input type="checkbox" checked={isAll} onChange={({ target }) => onChange(target.checked)} />
      {t("admin.audit.renewed")}
      {hidden > 0 && <small>{t("admin.audit.hidden", { count: hidden, number: words.number(hidden) })}</small>}
    </label>
  );
}

function Export({ entries }: { entries: readonly Entry[] }) {
  const { t } = useTranslation();
  const today = new Date().toISOString().slice(0, 10);
  return (
    <Button look="plain" onPress={() => saveTable(`doctorai-audit-${today}.csv`, tableOf(entries))}>
      <Download aria-hidden size={18} />
      {t("admin.audit.export")}
    </Button>
  );
}

/** Goes on with what is older; the end of the log takes the focus that the button had. */
function Older({ log, isNone }: { log: Log; isNone: boolean }) {
  const { t } = useTranslation();
  const [wasAsked, setAsked] = useState(false);
  const end = useRef<HTMLParagraphElement>(null);
  const isEnd = !log.hasNextPage;
  useEffect(() => {
    if (wasAsked && isEnd) end.current?.focus();
  }, [wasAsked, isEnd]);
  if (isEnd)
    return isNone ? null : (
      <p ref={end} tabIndex={-1} className="quiet-text">
        {t("admin.audit.end")}
      </p>
    );
  function ask() {
    if (log.isFetchingNextPage) return; // not disabled: it would lose the focus
    setAsked(true);
    void log.fetchNextPage();
  }
  return (
    <>
      {isNone && <p>{t("admin.audit.noneYet")}</p>}
      <div className="row">
        <Button look="plain" onPress={ask}>
          {t(log.isFetchingNextPage ? "common.loading" : "admin.audit.older")}
        </Button>
      </div>
    </>
  );
}
