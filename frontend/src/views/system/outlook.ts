import type { Health } from "../../api/client";

type Service = Health["services"][string];

/** By name, whatever their state: nothing may jump away from under a finger when one goes down. */
export function ordered(services: Health["services"]): [string, Service][] {
  return Object.entries(services).sort(([a], [b]) => a.localeCompare(b, "en"));
}

/** The models that cannot be asked. */
export function down(health: Health): string[] {
  return ordered(health.services).flatMap(([, service]) => (service.ready ? [] : [service.model]));
}

/** What has changed for somebody who does not look: model → whether it works again. */
export function changes(before: Health | undefined, after: Health): { model: string; isBack: boolean }[] {
  if (!before) return [];
  return ordered(after.services).flatMap(([name, service]) => {
    const was = before.services[name];
    return was && was.ready !== service.ready ? [{ model: service.model, isBack: service.ready }] : [];
  });
}
