import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { api, body } from "../../../api/client";
import type { components } from "../../../api/schema";
import type { Query } from "./filters";

export type Checked = components["schemas"]["AuditChecked"];
const LIMIT = 100;
const LIMIT_ON_PHONES = 25;
const WHILE_RUNNING_MS = 1_500;
const CHECK = ["audit", "check"];

/** The log, newest first, a page at a time. Each look is written into it, so it is asked for only when somebody wants. */
export function useEntries(query: Query, at: number) {
  const limit = matchMedia("(max-width: 40rem)").matches ? LIMIT_ON_PHONES : LIMIT;
  return useInfiniteQuery({
    queryKey: ["audit", "entries", query, at],
    queryFn: ({ pageParam }) =>
      body(api.GET("/api/audit", { params: { query: { ...query, limit, ...(pageParam && { before: pageParam }) } } })),
    initialPageParam: "",
    getNextPageParam: ({ next }) => next ?? undefined,
    staleTime: Infinity,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** What the last check found; asked for often while one runs. */
export function useCheck() {
  const queries = useQueryClient();
  const check = useQuery({
    queryKey: CHECK,
    queryFn: () => body(api.GET("/api/audit/check")),
    refetchInterval: ({ state }) => (state.data?.running ? WHILE_RUNNING_MS : false),
  });
  const begin = useMutation({
    mutationFn: (): Promise<Checked> => body(api.POST("/api/audit/check")),
    onSuccess: async (found) => {
      await queries.cancelQueries({ queryKey: CHECK });
      queries.setQueryData(CHECK, found);
    },
  });
  return { check, begin };
}
