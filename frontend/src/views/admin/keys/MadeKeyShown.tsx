import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { Copy } from "../../../ui/Copy";
import { Notice } from "../../../ui/Notice";
import type { MadeKey } from "../queries";

/** The key itself, this once. */
export function MadeKeyShown({ made }: { made: MadeKey }) {
  const { t } = useTranslation();
  const secret = useRef<HTMLElement>(null);
  useEffect(() => secret.current?.focus(), []); // the form that had the focus has gone
  return (
    <>
      <Notice tone="warning" isAlert>
        {t("admin.keys.once")}
      </Notice>
      <p>{made.name}</p>
      <code ref={secret} className="admin-secret" dir="ltr" aria-label={t("admin.keys.key")} role="textbox" aria-readonly tabIndex={0}>
        {made.key}
      </code>
      <div className="row">
        <Copy text={made.key} label={t("admin.keys.copy")} />
      </div>
    </>
  );
}
