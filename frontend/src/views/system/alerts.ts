import type { components } from "../../api/schema";

export type Alert = components["schemas"]["Alert"];
export type Severity = "critical" | "warning" | "info" | "other";

const ORDER: readonly Severity[] = ["critical", "warning", "info", "other"];

export function severityOf(alert: Alert): Severity {
  return ORDER.find((one) => one === alert.severity) ?? "other";
}

/** The worst first, what is silenced last; of the same kind the newest first. */
export function sorted(alerts: readonly Alert[]): Alert[] {
  return [...alerts].sort(
    (a, b) =>
      Number(a.silenced) - Number(b.silenced) ||
      ORDER.indexOf(severityOf(a)) - ORDER.indexOf(severityOf(b)) ||
      Date.parse(b.since) - Date.parse(a.since),
  );
}
