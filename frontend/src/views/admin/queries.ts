import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";
import { useModels } from "../../api/queries";
import type { components } from "../../api/schema";

type Schemas = components["schemas"];
export type User = Schemas["User"];
export type Role = User["role"];
export type Key = Schemas["Key"];
export type MadeKey = Schemas["MadeKey"];

export const ROLES: readonly Role[] = ["admin", "clinician", "viewer"];

/** All accounts, by name. */
export function useUsers() {
  return useQuery({ queryKey: ["users"], queryFn: () => body(api.GET("/api/users")), select: ({ users }) => users });
}

/** All keys, the oldest first. */
export function useKeys() {
  return useQuery({ queryKey: ["keys"], queryFn: () => body(api.GET("/api/keys")), select: ({ keys }) => keys });
}

/** The names of the models that this system has. */
export function useModelNames() {
  const models = useModels();
  const names = models.data?.models?.map(({ model }) => String(model)) ?? [];
  return { ...models, names };
}
