import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import type { components } from "../../../api/schema";
import type { User } from "../queries";

export type UserChange = components["schemas"]["UserChange"];

/** Changes an account; `onDone` once the list shows it. Keys that the account made may end with it. */
export function useChange(user: User, onDone: (change: UserChange) => void) {
  const queries = useQueryClient();
  return useMutation({
    gcTime: 0, // it may hold a password
    mutationFn: (change: UserChange) =>
      body(api.PATCH("/api/users/{identifier}", { params: { path: { identifier: user.id } }, body: change })),
    onSuccess: async (_, change) => {
      await queries.invalidateQueries({ queryKey: ["users"] });
      await queries.invalidateQueries({ queryKey: ["keys"] });
      onDone(change);
    },
  });
}
