import type { Health } from "../../api/client";

type Service = Health["services"][string];

/** The services, those that do not work first, else by name. */
export function ordered(services: Health["services"]): [string, Service][] {
  return Object.entries(services).sort(
    ([nameA, a], [nameB, b]) => Number(a.ready) - Number(b.ready) || nameA.localeCompare(nameB),
  );
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
