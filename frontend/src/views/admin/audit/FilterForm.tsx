import { type FormEvent, useState } from "react";
import { Form } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { Choice } from "../../../ui/Choice";
import { Field } from "../../../ui/Field";
import { useModelName } from "../names";
import { useModelNames } from "../queries";
import { ACTIONS, ANY, DEFAULT, type Filters, OUTCOMES, RANGES, isInOrder } from "./filters";
import { useSubject } from "./useSubject";

interface Props {
  applied: Filters;
  isPending: boolean;
  onApply: (filters: Filters) => void;
}

/** What is to be seen of the log; asked for only when it is sent, since each look is written down. */
export function FilterForm({ applied, isPending, onApply }: Props) {
  const { t } = useTranslation();
  const [filters, setFilters] = useState(applied);
  const change = (changes: Partial<Filters>) => setFilters((before) => ({ ...before, ...changes }));
  function submit(event: FormEvent) {
    event.preventDefault();
    if (isInOrder(filters)) onApply(filters);
  }
  function clear() {
    setFilters(DEFAULT);
    onApply(DEFAULT);
  }
  return (
    <Form className="stack" aria-label={t("admin.audit.filter.title")} onSubmit={submit}>
      <div className="admin-filters">
        <Times filters={filters} onChange={change} />
        <Choices filters={filters} onChange={change} />
        <Texts filters={filters} onChange={change} />
      </div>
      <div className="row">
        <Button type="submit" isPending={isPending}>
          {t("admin.audit.filter.show")}
        </Button>
        <Button look="quiet" onPress={clear} isPending={isPending}>
          {t("admin.audit.filter.clear")}
        </Button>
      </div>
    </Form>
  );
}

interface PartProps {
  filters: Filters;
  onChange: (changes: Partial<Filters>) => void;
}

function Times({ filters, onChange }: PartProps) {
  const { t } = useTranslation();
  return (
    <>
      <Choice
        label={t("admin.audit.filter.range")}
        value={filters.range}
        options={RANGES.map((range) => ({ id: range, text: t(`admin.audit.filter.ranges.${range}`) }))}
        onChange={(range) => onChange({ range })}
      />
      {filters.range === "custom" && (
        <>
          <Field type="date" label={t("admin.audit.filter.from")} value={filters.from} onChange={(from) => onChange({ from })} />
          <Field
            type="date"
            label={t("admin.audit.filter.to")}
            value={filters.to}
            onChange={(to) => onChange({ to })}
            validate={(to) => (isInOrder({ ...filters, to }) ? null : t("admin.audit.filter.order"))}
          />
        </>
      )}
    </>
  );
}

function Choices({ filters, onChange }: PartProps) {
  const { t } = useTranslation();
  const modelName = useModelName();
  const { names } = useModelNames();
  const any = { id: ANY, text: t("admin.audit.filter.any") };
  const actions = ACTIONS.map((action) => ({ id: action, text: t(`admin.audit.action.${action}`) }));
  const outcomes = OUTCOMES.map((outcome) => ({ id: outcome, text: t(`admin.audit.outcome.${outcome}`) }));
  const models = names.map((model) => ({ id: model, text: modelName(model) }));
  return (
    <>
      <Choice
        label={t("admin.audit.field.action")}
        value={filters.action}
        options={[any, ...actions] as { id: Filters["action"]; text: string }[]}
        onChange={(action) => onChange({ action })}
      />
      <Choice
        label={t("admin.audit.field.outcome")}
        value={filters.outcome}
        options={[any, ...outcomes]}
        onChange={(outcome) => onChange({ outcome })}
      />
      <Choice
        label={t("admin.audit.field.model")}
        value={filters.model}
        options={[any, ...models]}
        onChange={(model) => onChange({ model })}
      />
    </>
  );
}

function Texts({ filters, onChange }: PartProps) {
  const { t } = useTranslation();
  const idOf = useSubject();
  const isUnknown = filters.subject.trim() !== "" && !idOf(filters.subject);
  return (
    <>
      <Field
        label={t("admin.audit.filter.subject")}
        hint={t(isUnknown ? "admin.audit.filter.subjectUnknown" : "admin.audit.filter.subjectHint")}
        value={filters.subject}
        onChange={(subject) => onChange({ subject })}
        autoComplete="off"
        maxLength={256}
      />
      <Field
        label={t("admin.audit.field.request_id")}
        hint={t("admin.audit.filter.requestHint")}
        value={filters.requestId}
        onChange={(requestId) => onChange({ requestId })}
        autoComplete="off"
        dir="ltr"
        maxLength={256}
      />
    </>
  );
}
