import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, body } from "../../../api/client";
import { Confirm } from "../../../ui/Confirm";
import { Trouble } from "../../../ui/Trouble";
import type { Key } from "../queries";

interface Props {
  which: Key;
  onDone: (name: string) => void;
  onClose: () => void;
}

export function Revoke({ which, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const revoke = useMutation({
    mutationFn: () => body(api.DELETE("/api/keys/{identifier}", { params: { path: { identifier: which.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["keys"] });
      onDone(which.name);
    },
  });
  return (
    <Confirm
      title={t("admin.keys.revokeTitle", { name: which.name })}
      text={t("admin.keys.revokeText")}
      action={t("admin.keys.revoke")}
      isOpen
      isPending={revoke.isPending}
      error={<Trouble error={revoke.error} />}
      onConfirm={() => revoke.mutate()}
      onClose={onClose}
    />
  );
}
