import { useTranslation } from "react-i18next";
import { Choice } from "../../../ui/Choice";
import { ROLES, type Role } from "../queries";

/** A role, and what it means. */
export function RoleChoice({ value, onChange }: { value: Role; onChange: (role: Role) => void }) {
  const { t } = useTranslation();
  return (
    <div className="stack">
      <Choice
        label={t("admin.users.role")}
        value={value}
        options={ROLES.map((role) => ({ id: role, text: t(`common.role.${role}`) }))}
        onChange={onChange}
      />
      <small aria-live="polite">{t(`admin.users.may.${value}`)}</small>
    </div>
  );
}
