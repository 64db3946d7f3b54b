import { Check } from "lucide-react";
import type { ReactNode } from "react";
import { Checkbox, CheckboxGroup, FieldError, Label } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Loading } from "../../../ui/Loading";
import { Trouble } from "../../../ui/Trouble";
import { useModelName } from "../names";
import { useModelNames } from "../queries";
import { type Draft, hasModels } from "./newKey";

interface Props {
  draft: Draft;
  onChange: (changes: Partial<Draft>) => void;
}

/** Which models a key is for: all of them, or these. */
export function ModelChecks({ draft, onChange }: Props) {
  const { t } = useTranslation();
  return (
    <div className="admin-checks">
      <Box isSelected={draft.isForAll} onChange={(isForAll) => onChange({ isForAll })}>
        {t("admin.keys.allModels")}
      </Box>
      {!draft.isForAll && <Some draft={draft} onChange={onChange} />}
    </div>
  );
}

function Some({ draft, onChange }: Props) {
  const { t } = useTranslation();
  const name = useModelName();
  const { names, isPending, error, refetch } = useModelNames();
  if (isPending) return <Loading />;
  if (error) return <Trouble error={error} onRetry={() => void refetch()} />;
  return (
    <CheckboxGroup
      className="field admin-checks"
      value={[...draft.models]}
      onChange={(models) => onChange({ models })}
      validate={(models) => (hasModels({ ...draft, models }) ? null : t("admin.keys.noModel"))}
    >
      <Label>{t("admin.keys.models")}</Label>
      {names.map((model) => (
        <Box key={model} value={model}>
          {name(model)}
        </Box>
      ))}
      <FieldError />
    </CheckboxGroup>
  );
}

interface BoxProps {
  value?: string;
  isSelected?: boolean;
  onChange?: (isSelected: boolean) => void;
  children: ReactNode;
}

function Box({ children, ...rest }: BoxProps) {
  return (
    <Checkbox {...rest} className="check">
      <span className="box" aria-hidden>
        <Check size={14} strokeWidth={3} className="admin-tick" />
      </span>
      {children}
    </Checkbox>
  );
}
