import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { Choice } from "../../../ui/Choice";
import { Field } from "../../../ui/Field";
import { RefusableForm } from "../RefusableForm";
import { ModelChecks } from "./ModelChecks";
import { type Draft, LIFETIMES, LONGEST_DAYS, isDays } from "./newKey";

const LONGEST_NAME = 64;
const FIELDS = ["name", "expires_in_days"];
const KEY_ROLES = ["clinician", "viewer"] as const;

interface Props {
  draft: Draft;
  onChange: (changes: Partial<Draft>) => void;
  error: unknown;
  isPending: boolean;
  onSubmit: () => void;
}

export function KeyForm({ draft, onChange, error, isPending, onSubmit }: Props) {
  const { t } = useTranslation();
  return (
    <RefusableForm error={error} fields={FIELDS} onSubmit={onSubmit}>
      <Field
        name="name"
        label={t("admin.keys.name")}
        hint={t("admin.keys.nameHint")}
        value={draft.name}
        onChange={(name) => onChange({ name })}
        autoComplete="off"
        isRequired
        autoFocus
        maxLength={LONGEST_NAME}
        validate={(name) => (name.trim() ? null : t("admin.keys.nameMissing"))}
      />
      <Choice
        label={t("admin.users.role")}
        value={draft.role}
        options={KEY_ROLES.map((role) => ({ id: role, text: t(`common.role.${role}`) }))}
        onChange={(role) => onChange({ role })}
      />
      <small aria-live="polite">{t(`admin.users.may.${draft.role}`)}</small>
      <ModelChecks draft={draft} onChange={onChange} />
      <Lifetime draft={draft} onChange={onChange} />
      <Button type="submit" isPending={isPending}>
        {t("admin.keys.make")}
      </Button>
    </RefusableForm>
  );
}

function Lifetime({ draft, onChange }: Pick<Props, "draft" | "onChange">) {
  const { t } = useTranslation();
  return (
    <>
      <Choice
        label={t("admin.keys.lifetime")}
        value={draft.lifetime}
        options={LIFETIMES.map((one) => ({ id: one, text: t(`admin.keys.lasts.${one}`) }))}
        onChange={(lifetime) => onChange({ lifetime })}
      />
      {draft.lifetime === "other" && (
        <Field
          name="expires_in_days"
          label={t("admin.keys.days")}
          hint={t("admin.keys.daysHint", { longest: LONGEST_DAYS })}
          value={draft.days}
          onChange={(days) => onChange({ days })}
          inputMode="numeric"
          dir="ltr"
          isRequired
          validate={(days) => (isDays(days) ? null : t("admin.keys.daysHint", { longest: LONGEST_DAYS }))}
        />
      )}
    </>
  );
}
