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

/** What of the log was asked for, as far as it was read. */
export function Entries({ log, onNarrow }: { log: Log; onNarrow: Narrow }) {
  const { t } = useTranslation();
  const words = useWords();
  const entries = log.data?.pages.flatMap((page) => page.entries) ?? [];
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
      {entries.length === 0 && !log.hasNextPage && (
        <Empty icon={ScrollText} title={t("admin.audit.none")} text={t("admin.audit.noneText")} />
      )}
      <ul className="admin-entries" aria-label={t("admin.audit.title")}>
        {entries.map((entry, at) => (
          <EntryLine key={at} entry={entry} onNarrow={onNarrow} />
        ))}
      </ul>
      <Trouble error={log.error} onRetry={() => void log.fetchNextPage()} />
      <Older log={log} isNone={entries.length === 0} />
    </>
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
