import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";

const EVERY_MS = 20_000;

/** Asked anew while the page is looked at. */
export function useAlerts() {
  return useQuery({ queryKey: ["alerts"], queryFn: () => body(api.GET("/api/alerts")), refetchInterval: EVERY_MS });
}

/** Asked anew while the page is looked at. */
export function useActivity() {
  return useQuery({ queryKey: ["activity"], queryFn: () => body(api.GET("/api/activity")), refetchInterval: EVERY_MS });
}
