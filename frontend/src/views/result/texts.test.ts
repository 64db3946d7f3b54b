import { expect, it } from "vitest";
import arabic from "../../i18n/ar/texts.json";
import english from "../../i18n/en/texts.json";
import { translated } from "./texts";

const inArabic = (text: string) => translated(text, arabic);

it("knows the text of a class", () => {
  expect(inArabic(english.tumor.classes.glioma.description)).toBe(arabic.tumor.classes.glioma.description);
});

it("puts together what the gateway puts together", () => {
  expect(inArabic(`${english.common.dark} ${english.common.unanswered}`)).toBe(
    `${arabic.common.dark} ${arabic.common.unanswered}`,
  );
  expect(inArabic(`${english.tumor.accepts} ${english.common.ask}`)).toBe(`${arabic.tumor.accepts} ${arabic.common.ask}`);
  expect(inArabic(`${english.common.disclaimer} ${english.xray.notice}`)).toBe(
    `${arabic.common.disclaimer} ${arabic.xray.notice}`,
  );
});

it("keeps the numbers that are filled in", () => {
  const said = inArabic("The picture is too small: its shorter side has 20 pixels, 64 are needed. No answer is given.");
  expect(said).toContain("20");
  expect(said).toContain("64");
  expect(said).not.toContain("{{");
});

it("translates the titles of what it cannot decide between", () => {
  const { glioma, no_tumor } = english.tumor.classes;
  const said = inArabic(
    `The model cannot decide between answers that ask for different things to be done: ${glioma.title}; ${no_tumor.title}.`,
  );
  expect(said).toContain(`${arabic.tumor.classes.glioma.title}؛ ${arabic.tumor.classes.no_tumor.title}`);
});

it.each([
  ["another text", "A model of one's own says this."],
  ["a changed text", english.tumor.classes.glioma.description.replace("slowly", "very slowly")],
  ["a text with more behind it", `${english.common.disclaimer} And this is new.`],
  ["a title that nobody knows", english.common.undecided.replace("{{titles}}", "Possible glioma; Something else")],
  ["words that fill no number", english.common.small.replace("{{side}}", "some").replace("{{needed}}", "64")],
])("says nothing instead of %s", (_, text) => {
  expect(inArabic(text)).toBeNull();
});

it("finds every text again", () => {
  for (const { accepts, notice, classes } of [english.tumor, english.xray, english.palm_disease, english.lung_colon]) {
    const all = [accepts, notice, ...Object.values(classes).flatMap((one) => Object.values(one) as string[])];
    for (const text of all) expect([text, inArabic(text)]).not.toContain(null);
  }
});
