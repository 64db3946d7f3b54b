import { cleanup } from "@testing-library/react";
import { afterEach, beforeEach, vi } from "vitest";
import { speak } from "../i18n";
import { session } from "../session/session";

beforeEach(async () => {
  localStorage.clear();
  history.replaceState(null, "", "/");
  await speak("en");
});

afterEach(() => {
  cleanup();
  session.forget();
  vi.restoreAllMocks();
  vi.useRealTimers();
});
