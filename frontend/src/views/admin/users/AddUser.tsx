import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, body } from "../../../api/client";
import { Button } from "../../../ui/Button";
import { Dialog } from "../../../ui/Dialog";
import { Field } from "../../../ui/Field";
import { RefusableForm } from "../RefusableForm";
import type { Role } from "../queries";
import { PasswordField } from "./PasswordField";
import { RoleChoice } from "./RoleChoice";

const LONGEST_NAME = 64;
const FIELDS = ["username", "password"];

interface Props {
  onAdded: (username: string) => void;
  onClose: () => void;
}

/** A new account. */
export function AddUser({ onAdded, onClose }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const [username, setUsername] = useState("");
  const [role, setRole] = useState<Role>("clinician");
  const [password, setPassword] = useState("");
  const add = useMutation({
    gcTime: 0, // the password is in no cache
    mutationFn: () => body(api.POST("/api/users", { body: { username: username.trim(), role, password } })),
    onSuccess: async (user) => {
      await queries.invalidateQueries({ queryKey: ["users"] });
      onAdded(user.username);
    },
  });
  return (
    <Dialog title={t("admin.users.add")} isOpen onClose={onClose}>
      <RefusableForm
        error={add.error}
        fields={FIELDS}
        conflict={{ field: "username", text: t("admin.users.taken") }}
        onSubmit={() => add.mutate()}
      >
        <Field
          name="username"
          label={t("session.username")}
          hint={t("admin.users.nameHint", { longest: LONGEST_NAME })}
          value={username}
          onChange={setUsername}
          autoComplete="off"
          dir="ltr"
          isRequired
          autoFocus
          maxLength={LONGEST_NAME}
          validate={(name) => (/^\S+$/.test(name.trim()) ? null : t("admin.users.nameWrong"))}
        />
        <RoleChoice value={role} onChange={setRole} />
        <PasswordField value={password} onChange={setPassword} />
        <Button type="submit" isPending={add.isPending}>
          {t("admin.users.add")}
        </Button>
      </RefusableForm>
    </Dialog>
  );
}
