import { cleanup } from "@testing-library/react";
import { afterEach, vi } from "vitest";
import { session } from "../auth/session";
import i18next from "../i18n";

afterEach(async () => {
  cleanup();
  session.end();
  vi.restoreAllMocks();
  vi.useRealTimers();
  await i18next.changeLanguage("en");
});
