import { expect, it } from "vitest";
import i18next, { show, speak } from ".";
import { regionOf } from "./words";

it("keeps the language that somebody chose, and none that nobody did", async () => {
  await show("ar");
  expect([i18next.language, localStorage.getItem("doctorai.language")]).toEqual(["ar", null]);
  await speak("en");
  expect([i18next.language, localStorage.getItem("doctorai.language")]).toEqual(["en", "en"]);
});

it.each([
  ["en", "en-US", "en-US"],
  ["en", "de-DE", "en-GB"],
  ["en", "en", "en"],
  ["ar", "ar-EG", "ar-EG"],
  ["ar", "en-US", "ar"],
])("writes dates in %s, with a browser of %s, as %s does", (language, browser, expected) => {
  expect(regionOf(language, browser)).toBe(expected);
});
