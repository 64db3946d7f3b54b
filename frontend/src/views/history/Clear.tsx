import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "../../ui/Button";
import { Confirm } from "../../ui/Confirm";
import { forgetPictures } from "../analyse/forget";

/** Removes everything of this session, once it was asked for twice. */
export function Clear() {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  return (
    <>
      <Button look="plain" onPress={() => setAsking(true)}>
        {t("history.clear")}
      </Button>
      <Confirm
        title={t("history.clear")}
        text={t("history.clearText")}
        action={t("history.clearAction")}
        isOpen={isAsking}
        onConfirm={clear}
        onClose={() => setAsking(false)}
      />
    </>
  );
}

function clear(): void {
  forgetPictures();
  requestAnimationFrame(() => document.getElementById("content")?.focus());
}
