import { ArrowLeft, SearchX } from "lucide-react";
import { type ReactNode, useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useWords } from "../../i18n/words";
import type { Analysis } from "../../stores/analyses";
import { Empty } from "../../ui/Empty";
import { Compare, Result } from "../result";

/** One result of the history. */
export function One({ analysis }: { analysis: Analysis | undefined }) {
  const { t } = useTranslation();
  const words = useWords();
  if (!analysis) return <Gone />;
  const title = t("history.result", { name: analysis.file.name, time: words.time(analysis.addedAt) });
  return (
    <Page title={title} key={analysis.id}>
      <Result analysis={analysis} />
    </Page>
  );
}

/** Two of them, side by side. */
export function Two({ left, right }: { left: Analysis | undefined; right: Analysis | undefined }) {
  const { t } = useTranslation();
  if (!left || !right) return <Gone />;
  return (
    <Page title={t("history.comparison")}>
      <Compare left={left} right={right} />
    </Page>
  );
}

function Gone() {
  const { t } = useTranslation();
  return (
    <Page title={t("history.title")}>
      <Empty icon={SearchX} title={t("history.gone")} text={t("history.goneText")} />
    </Page>
  );
}

/** Its heading has the focus: one has come from a list that is no longer there. */
function Page({ title, children }: { title: string; children: ReactNode }) {
  const { t } = useTranslation();
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus(), []);
  return (
    <>
      <Link href="/history" className="history-back">
        <ArrowLeft aria-hidden size={16} />
        {t("history.back")}
      </Link>
      <h2 ref={heading} tabIndex={-1} className="history-title">
        {title}
      </h2>
      {children}
    </>
  );
}
