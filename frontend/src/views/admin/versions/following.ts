import type { components } from "../../../api/schema";

export type ModelVersions = components["schemas"]["ModelVersions"];

/** How long an activation is watched closely, and how often. */
export const PATIENCE_MS = 60_000;
const QUICK_MS = 1_000;
const UNSETTLED_MS = 5_000;
const SETTLED_MS = 20_000;

/** How many instances serve what they should: `wanted`. */
export interface Following {
  wanted: string | null;
  total: number;
  followed: number;
  isDone: boolean;
}

/** MODEL_VERSION wins over what was chosen. */
export function following({ pinned, active, instances }: ModelVersions): Following {
  const wanted = pinned ?? active;
  const followed = instances.filter(({ version }) => version === wanted).length;
  return { wanted, total: instances.length, followed, isDone: instances.length > 0 && followed === instances.length };
}

/** True when a change made at `since` has had its time, and not everybody has followed. */
export function isLate(doc: ModelVersions, since: number | null, now: number): boolean {
  return since !== null && now - since >= PATIENCE_MS && !following(doc).isDone;
}

/** Milliseconds until it is asked for anew. `since`: when a change was made here; null: none was. */
export function pollEvery(doc: ModelVersions | undefined, since: number | null, now: number): number {
  if (!doc) return SETTLED_MS;
  if (following(doc).isDone) return SETTLED_MS;
  return since !== null && now - since < PATIENCE_MS ? QUICK_MS : UNSETTLED_MS;
}

/** The commands in a text of the gateway: what stands in `backticks`; `version` for the place that is left open. */
export function commandsIn(text: string | null, version = "VERSION"): string[] {
  return [...(text ?? "").matchAll(/`([^`]+)`/g)].map(([, command = ""]) => command.replace(/\bVERSION\b/, version));
}
