import { Dices } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../../ui/Button";
import { Copy } from "../../../ui/Copy";
import { Field } from "../../../ui/Field";
import { Reveal } from "../../../ui/Reveal";
import { LONGEST, SHORTEST, generated } from "./password";

/** A password that is made up for somebody else, here or by this page. */
export function PasswordField({ value, onChange }: { value: string; onChange: (password: string) => void }) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  function generate() {
    onChange(generated());
    setShown(true);
  }
  return (
    <>
      <Field
        name="password"
        label={t("session.password")}
        hint={t("admin.users.passwordHint", { shortest: SHORTEST })}
        value={value}
        onChange={onChange}
        type={isShown ? "text" : "password"}
        autoComplete="new-password"
        dir="ltr"
        isRequired
        maxLength={LONGEST}
        validate={(password) => (password.length < SHORTEST ? t("admin.users.passwordShort", { shortest: SHORTEST }) : null)}
        action={<Reveal isShown={isShown} onChange={setShown} />}
      />
      <div className="row">
        <Button look="plain" onPress={generate}>
          <Dices aria-hidden size={18} />
          {t("admin.users.generate")}
        </Button>
        {value && <Copy text={value} label={t("admin.users.copyPassword")} />}
      </div>
    </>
  );
}
