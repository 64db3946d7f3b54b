import i18next from "i18next";
import { beforeEach, expect, it, vi } from "vitest";

beforeEach(() => {
  vi.resetModules();
  for (const language of ["en", "ar"]) i18next.removeResourceBundle(language, "translation");
});

it("shows another language where the texts of the wanted one cannot be loaded, and says so", async () => {
  vi.doMock("./ar", () => {
    throw new Error("no answer");
  });
  const { begin, useUnspoken } = await import(".");
  await begin("ar");
  expect(i18next.language).toBe("en");
  expect(useUnspoken.getState().error).toBeInstanceOf(Error);
  expect(localStorage.getItem("doctorai.language")).toBeNull();
  vi.doUnmock("./ar");
  useUnspoken.getState().retry();
  await vi.waitFor(() => expect(i18next.language).toBe("ar"));
  expect(useUnspoken.getState().error).toBeNull();
});

it("waits until there is a language", async () => {
  vi.useFakeTimers();
  for (const file of ["./ar", "./en"])
    vi.doMock(file, () => {
      throw new Error("no answer");
    });
  const { begin, useUnspoken } = await import(".");
  const shown = vi.fn();
  const begun = begin("ar").then(shown);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(shown).not.toHaveBeenCalled();
  for (const file of ["./ar", "./en"]) vi.doUnmock(file);
  await vi.advanceTimersByTimeAsync(2_000);
  await begun;
  expect(i18next.language).toBe("ar");
  expect(useUnspoken.getState().error).toBeNull();
});
