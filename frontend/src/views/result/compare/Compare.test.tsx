import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Prediction } from "../../../api/client";
import { answered } from "../../../test/analyses";
import { show } from "../../../test/answers";
import { Compare } from "./Compare";
import { compared } from "./comparison";

const OTHER = { meningioma: 0.7, glioma: 0.2, no_tumor: 0.06, pituitary: 0.04 };

function shown(right: Partial<Prediction>) {
  show(<Compare left={answered()} right={answered(right)} />);
}

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
