import { cleanup, configure } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { show } from "../i18n";
import { session } from "../session/session";

// happy-dom is slow beside other tests, on a machine that has other work, too
configure({ asyncUtilTimeout: 8_000 });
vi.setConfig({ testTimeout: 30_000 });

beforeEach(async () => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  await show("en");
});

afterEach(() => {
  cleanup();
  session.forget();
  vi.restoreAllMocks();
  vi.useRealTimers();
});
