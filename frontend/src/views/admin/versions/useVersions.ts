import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api, body } from "../../../api/client";
import { type ModelVersions, pollEvery } from "./following";

export type Change = { kind: "activate"; version: string } | { kind: "rollback" };

/** A model's versions, asked for often while its instances follow a change; and how to change them. */
export function useVersions(model: string) {
  const queries = useQueryClient();
  const queryKey = ["versions", model];
  const path = { model };
  const [since, setSince] = useState<number | null>(null);
  const versions = useQuery({
    queryKey,
    queryFn: () => body(api.GET("/api/models/{model}/versions", { params: { path } })),
    refetchInterval: ({ state }) => pollEvery(state.data, since, Date.now()),
  });
  const change = useMutation({
    mutationFn: (wanted: Change): Promise<ModelVersions> =>
      wanted.kind === "activate"
        ? body(api.POST("/api/models/{model}/activate", { params: { path }, body: { version: wanted.version } }))
        : body(api.POST("/api/models/{model}/rollback", { params: { path } })),
    onSuccess: async (doc) => {
      await queries.cancelQueries({ queryKey }); // an answer from before the change
      queries.setQueryData(queryKey, doc);
      setSince(Date.now());
      void queries.invalidateQueries({ queryKey: ["models"] });
    },
  });
  return { versions, change, since };
}
