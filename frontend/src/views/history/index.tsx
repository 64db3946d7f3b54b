import { History, ScanSearch } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useAnalyses } from "../../stores/analyses";
import { Empty } from "../../ui/Empty";
import { List } from "./List";
import { One, Two } from "./Opened";
import "./history.css";

/** What was analysed in this session: the list, one of it (`/history/<id>`), or two of it (`/history/<id>/<id>`). */
export default function View() {
  const { t } = useTranslation();
  const [path] = useLocation();
  const [, , first, second] = path.split("/");
  const items = useAnalyses((state) => state.items).filter((item) => item.state === "done");
  const found = (id: string) => items.find((item) => item.id === id);
  if (first && second) return <Two left={found(first)} right={found(second)} />;
  if (first) return <One analysis={found(first)} />;
  return (
    <>
      <h2 tabIndex={-1}>{t("history.title")}</h2>
      <p className="quiet-text">{t("history.lead")}</p>
      {items.length > 0 ? <List items={items.toReversed()} /> : <Nothing />}
    </>
  );
}

function Nothing() {
  const { t } = useTranslation();
  return (
    <Empty icon={History} title={t("history.empty")} text={t("history.emptyText")}>
      <Link href="/analyse" className="button primary">
        <ScanSearch aria-hidden size={18} />
        {t("history.toAnalyse")}
      </Link>
    </Empty>
  );
}
