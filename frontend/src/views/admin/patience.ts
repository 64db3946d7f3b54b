import { configure } from "@testing-library/react";
import { vi } from "vitest";

/** For tests of long lists and forms: happy-dom is slow, the more so beside other tests. */
export function bePatient(): void {
  vi.setConfig({ testTimeout: 30_000 });
  configure({ asyncUtilTimeout: 8_000 });
}
