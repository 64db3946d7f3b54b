import { useQuery } from "@tanstack/react-query";
import { type Health, type Problem, api, body, open, refusal } from "./client";

const HEALTH_EVERY_MS = 5_000;
const HEALTH_WITHIN_MS = 10_000;

/** How the system is; anybody may ask, and a system that is unwell answers, too, and at once: one that hangs is told soon. */
async function health(): Promise<Health> {
  const { data, error, response } = await open.GET("/api/health", { signal: AbortSignal.timeout(HEALTH_WITHIN_MS) });
  const found = (data ?? error) as Health | Partial<Problem> | undefined;
  if (found && "services" in found) return found;
  throw refusal(response, found as Partial<Problem> | undefined);
}

/** Asked anew every five seconds, wherever it is shown. */
export function useHealth() {
  return useQuery({ queryKey: ["health"], queryFn: health, refetchInterval: HEALTH_EVERY_MS });
}

/** Whoever is signed in, and what they may do. */
export function useMe() {
  return useQuery({ queryKey: ["me"], queryFn: () => body(api.GET("/api/me")), staleTime: Infinity });
}

/** What the operator wants the page to know. */
export function usePageSettings() {
  return useQuery({ queryKey: ["page"], queryFn: () => body(api.GET("/api/page")), staleTime: 300_000 });
}

/** Every model with its card, or the reason why there is none. */
export function useModels() {
  return useQuery({ queryKey: ["models"], queryFn: () => body(api.GET("/api/models")), staleTime: 60_000 });
}
