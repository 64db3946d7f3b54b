import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, body } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { KeyForm } from "./KeyForm";
import { MadeKeyShown } from "./MadeKeyShown";
import { type Draft, EMPTY, asked } from "./newKey";

interface Props {
  onMade: (name: string) => void;
  onClose: () => void;
}

/** A new key; once there is one, only the button that says so closes the dialog. */
export function MakeKey({ onMade, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const make = useMutation({
    mutationFn: () => body(api.POST("/api/keys", { body: asked(draft) })),
    onSuccess: () => void queries.invalidateQueries({ queryKey: ["keys"] }),
    gcTime: 0, // the key is in no cache
  });
  const made = make.data;
  return (
    <Dialog title={t(made ? "admin.keys.made" : "admin.keys.make")} isOpen {...(!made && { onClose })}>
      {made ? (
        <>
          <MadeKeyShown made={made} />
          <Button onPress={() => onMade(made.name)}>{t("admin.keys.stored")}</Button>
        </>
      ) : (
        <KeyForm
          draft={draft}
          onChange={(changes) => setDraft((before) => ({ ...before, ...changes }))}
          error={make.error}
          isPending={make.isPending}
          onSubmit={() => make.mutate()}
        />
      )}
    </Dialog>
  );
}
