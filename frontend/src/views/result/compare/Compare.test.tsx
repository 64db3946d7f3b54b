import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Prediction } from "../../../api/client";
import english from "../../../i18n/en/texts.json";
import { answered, mistaken } from "../../../test/analyses";
import { show } from "../../../test/answers";
import { Compare } from "./Compare";
import { compared } from "./comparison";

const OTHER = { meningioma: 0.7, glioma: 0.2, no_tumor: 0.06, pituitary: 0.04 };

function shown(right: Partial<Prediction>) {
  show(<Compare left={answered()} right={answered(right)} />);
}

const sides = () => screen.getAllByRole("region") as [HTMLElement, HTMLElement];

const cells = () =>
  within(screen.getByRole("table"))
    .getAllByRole("row")
    .map((row) => [...row.children].map((cell) => cell.textContent));

it("puts the same classes beside each other, with what lies between them", () => {
  shown({ probabilities: OTHER, result: "meningioma", confidence: 0.7 });
  expect(cells()).toEqual([
    ["Class", "First", "Second", "Difference, in points"],
    ["Glioma", "90%", "20%", "-70.0"],
    ["Meningioma", "8%", "70%", "+62.0"],
    ["No tumour", "1%", "6%", "+5.0"],
    ["Pituitary tumour", "1%", "4%", "+3.0"],
  ]);
  expect(screen.getByRole("heading", { name: "Meningioma: Likely (70%)" })).toBeTruthy();
});

it("compares no numbers of models that know different things", () => {
  shown({ model: "xray", probabilities: { normal: 0.2, pneumonia: 0.8 }, result: "pneumonia" });
  expect(screen.queryByRole("table")).toBeNull();
  expect(screen.getByText(/cannot be compared/)).toBeTruthy();
  expect(screen.getAllByRole("listitem")).toHaveLength(6);
});

it("says that the versions are different", () => {
  shown({ model_version: "1.1.0" });
  expect(screen.getByText(/different versions/)).toBeTruthy();
});

it("names what was not answered", () => {
  shown({ result: null, decision: "abstained", abstain_reason: "image_quality" });
  expect(screen.getByRole("heading", { name: "No answer: the picture is not good enough" })).toBeTruthy();
});

it("gives the reason that the result gives", () => {
  show(<Compare left={mistaken()} right={answered()} />);
  expect(screen.getByRole("heading", { name: "No answer: not a picture for this model" })).toBeTruthy();
});

const palm = `${english.common.disclaimer} ${english.palm_disease.notice}`;

it.each([
  ["a demonstration", { disclaimer: palm }, /means nothing/],
  ["not calibrated", { calibrated: false }, /were not calibrated/],
])("says on its side which answer is %s", (_what, changes, warning) => {
  shown(changes);
  const [left, right] = sides();
  expect(within(right).getByText(warning)).toBeTruthy();
  expect(within(left).queryByText(warning)).toBeNull();
});

it("warns on its side of a picture that the page found poor", () => {
  show(<Compare left={{ ...answered(), warnings: ["dark"] }} right={answered()} />);
  const [left, right] = sides();
  expect(within(left).getByText("It is dark.")).toBeTruthy();
  expect(within(right).queryByText("It is dark.")).toBeNull();
});

it.each(["low_confidence", "image_quality", "out_of_distribution"] as const)("compares no numbers with those of an abstention, and folds them: %s", (abstain_reason) => {
  shown({ result: null, decision: "abstained", abstain_reason, prediction_set: ["glioma", "no_tumor"] });
  expect(screen.queryByRole("table")).toBeNull();
  expect(screen.getByText(/its numbers are not compared/)).toBeTruthy();
  const [left, right] = sides();
  expect(left.querySelector("details.expert")).toBeNull();
  const folded = right.querySelector<HTMLDetailsElement>("details.expert");
  expect([folded?.open, folded?.querySelectorAll(".bar-row").length]).toEqual([false, 4]);
  expect(folded?.textContent).toContain("does not stand by these numbers");
  expect(right.querySelectorAll(":scope > .bars")).toHaveLength(0);
});

it("looks at both pictures together", async () => {
  shown({});
  await userEvent.click(screen.getAllByRole("button", { name: "Zoom in" })[0] as HTMLElement);
  const places = screen.getAllByRole("img", { name: "The picture that was analysed" }).map((one) => one.parentElement?.style.transform);
  expect(places).toEqual(["scale(1.4) translate(0%, 0%)", "scale(1.4) translate(0%, 0%)"]);
});

it("knows classes that are not the same", () => {
  expect(compared({ a: 1 }, { a: 0.5, b: 0.5 })).toBeNull();
  expect(compared({ a: 1, c: 0 }, { a: 0.5, b: 0.5 })).toBeNull();
  expect(compared({ a: 1 }, { a: 0.4 })?.[0]?.difference).toBeCloseTo(-0.6);
});
