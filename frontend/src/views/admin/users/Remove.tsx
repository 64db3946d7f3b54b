import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { api, body } from "../../../api/client";
import { Confirm } from "../../../ui/Confirm";
import { Trouble } from "../../../ui/Trouble";
import type { User } from "../queries";

interface Props {
  user: User;
  onDone: (text: string) => void;
  onClose: () => void;
}

export function Remove({ user, onDone, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const name = user.username;
  const remove = useMutation({
    mutationFn: () => body(api.DELETE("/api/users/{identifier}", { params: { path: { identifier: user.id } } })),
    onSuccess: async () => {
      await queries.invalidateQueries({ queryKey: ["users"] });
      await queries.invalidateQueries({ queryKey: ["keys"] });
      onDone(t("admin.users.remove.done", { name }));
    },
  });
  return (
    <Confirm
      title={t("admin.users.remove.title", { name })}
      text={t("admin.users.remove.text")}
      action={t("common.remove")}
      isOpen
      isPending={remove.isPending}
      error={<Trouble error={remove.error} />}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    />
  );
}
