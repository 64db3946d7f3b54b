import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Loading } from "../../../ui/Loading";
import { Notice } from "../../../ui/Notice";
import { useUsers } from "../queries";
import { useLanding } from "../useLanding";
import { Check } from "./Check";
import { Entries } from "./Entries";
import { FilterForm } from "./FilterForm";
import { DEFAULT, type Filters, type Query, queryOf } from "./filters";
import { useEntries } from "./queries";
import { useSubject } from "./useSubject";

/** What was done and refused, by whom, and whether the record of it is whole. */
export default function Audit() {
  const { isPending } = useUsers(); // names for the ids; without them the ids are shown
  return (
    <>
      <Check />
      {isPending ? <Loading lines={6} /> : <Log />}
    </>
  );
}

interface Applied {
  filters: Filters;
  query: Query;
  at: number;
}

function Log() {
  const { t } = useTranslation();
  const idOf = useSubject();
  const from = (filters: Filters): Applied => {
    const now = new Date();
    return { filters, query: queryOf(filters, now, idOf), at: now.getTime() };
  };
  const [applied, setApplied] = useState(() => from(DEFAULT));
  const [narrowings, setNarrowings] = useState(0);
  const { heading, land } = useLanding();
  const log = useEntries(applied.query, applied.at);
  function narrow(changes: Partial<Filters>) {
    setApplied(from({ ...applied.filters, ...changes }));
    setNarrowings((before) => before + 1); // the form shows what is asked now
    land(); // the entry that had the focus may go
  }
  return (
    <section className="card">
      <h3 ref={heading} tabIndex={-1} className="admin-heading">
        {t("admin.audit.title")}
      </h3>
      <Notice>{t("admin.audit.watched")}</Notice>
      <FilterForm
        key={narrowings}
        applied={applied.filters}
        isPending={log.isFetching}
        onApply={(filters) => setApplied(from(filters))}
      />
      <Entries key={applied.at} log={log} isAsked={applied.filters.action === "refresh"} onNarrow={narrow} />
    </section>
  );
}
