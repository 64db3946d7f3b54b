import { type ComponentType, type LazyExoticComponent, createElement, lazy } from "react";

/** What a module of a view gives. */
interface Module {
  default: ComponentType;
}

const failed = new Set<() => void>();

/** Whatever could not be loaded is asked for anew when it is shown again. */
export function forgetFailed(): void {
  for (const forget of failed) forget();
  failed.clear();
}

/** A component that is loaded when it is first shown, or by `load`. A load that fails is kept until `forgetFailed`. */
export function later(load: () => Promise<Module>): { Content: ComponentType; load: () => Promise<unknown> } {
  let loaded: LazyExoticComponent<ComponentType> | null = null;
  const forget = () => void (loaded = null);
  const asked = () =>
    load().catch((error: unknown) => {
      failed.add(forget);
      throw error;
    });
  return { Content: () => createElement((loaded ??= lazy(asked))), load };
}
