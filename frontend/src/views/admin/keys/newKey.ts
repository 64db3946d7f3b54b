import type { components } from "../../../api/schema";

export type NewKey = components["schemas"]["NewKey"];
export type Lifetime = "30" | "90" | "365" | "never" | "other";

export const LIFETIMES: readonly Lifetime[] = ["30", "90", "365", "never", "other"];
export const LONGEST_DAYS = 3650;

/** What the form says. `days` counts when `lifetime` is `other`. */
export interface Draft {
  name: string;
  role: "clinician" | "viewer";
  isForAll: boolean;
  models: readonly string[];
  lifetime: Lifetime;
  days: string;
}

export const EMPTY: Draft = { name: "", role: "clinician", isForAll: true, models: [], lifetime: "365", days: "" };

/** True for whole days that the gateway takes. */
export function isDays(text: string): boolean {
  return /^\d+$/.test(text.trim()) && Number(text) >= 1 && Number(text) <= LONGEST_DAYS;
}

/** True when it is for something. */
export function hasModels({ isForAll, models }: Draft): boolean {
  return isForAll || models.length > 0;
}

export function asked({ name, role, isForAll, models, lifetime, days }: Draft): NewKey {
  return {
    name: name.trim(),
    role,
    models: isForAll ? null : [...models],
    expires_in_days: lifetime === "never" ? null : Number(lifetime === "other" ? days : lifetime),
  };
}
