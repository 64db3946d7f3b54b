import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { type Analysis, useAnalyses } from "../../stores/analyses";
import { PREDICTION, show, signedIn } from "../../test/answers";
import { queue } from "../analyse/running";
import View from ".";
import { EVERY, fits } from "./Filters";

function done(model: string, name: string, changes: Partial<typeof PREDICTION> = {}): string {
  const [made] = useAnalyses.getState().add(model, [new File(["picture"], name)]) as [Analysis];
  useAnalyses.getState().change(made.id, { state: "done", prediction: { ...PREDICTION, description: name, ...changes } });
  return made.id;
}

const shown = () => screen.queryAllByRole("link", { name: /\.jpg/ }).map((link) => link.querySelector("bdi")?.textContent);

beforeEach(async () => {
  await signedIn();
  history.replaceState(null, "", "/history");
});

it("says that there is nothing, and where to begin", () => {
  show(<View />);
  expect(screen.getByText("Nothing analysed yet")).toBeDefined();
  expect(screen.getByRole("link", { name: "Analyse a picture" }).getAttribute("href")).toBe("/analyse");
});

it("shows the newest first, and only what has a result", () => {
  done("tumor", "first.jpg");
  done("xray", "second.jpg", { decision: "abstained", result: null });
  useAnalyses.getState().add("tumor", [new File([], "waits.jpg")]);
  show(<View />);
  expect(shown()).toEqual(["second.jpg", "first.jpg"]);
  expect(screen.getByText("The model gives no answer")).toBeDefined();
  expect(screen.getByText("Glioma · 90%")).toBeDefined();
});

it("is filtered by model and by answer", () => {
  const one = { model: "tumor", prediction: { decision: "abstained" } } as Analysis;
  expect(fits(one, EVERY)).toBe(true);
  expect(fits(one, { model: "tumor", decision: "abstained" })).toBe(true);
  expect(fits(one, { model: "xray", decision: "all" })).toBe(false);
  expect(fits(one, { model: "all", decision: "predicted" })).toBe(false);
});

it("shows what the filter leaves", async () => {
  done("tumor", "first.jpg");
  done("xray", "second.jpg", { decision: "abstained", result: null });
  show(<View />);
  await userEvent.click(screen.getByRole("button", { name: /Answer/ }));
  await userEvent.click(await screen.findByRole("option", { name: "Without an answer" }));
  expect(shown()).toEqual(["second.jpg"]);
});

it("opens one, with the focus on its heading", async () => {
  done("tumor", "first.jpg");
  show(<View />);
  await userEvent.click(screen.getByRole("link", { name: /first/ }));
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { level: 2, name: /first\.jpg/ })));
  await userEvent.click(screen.getByRole("link", { name: "Back to the history" }));
  expect(shown()).toEqual(["first.jpg"]);
});

it("compares two, no more and no less", async () => {
  const ids = ["first.jpg", "second.jpg", "third.jpg"].map((name) => done("tumor", name));
  show(<View />);
  const compare = screen.getByRole<HTMLButtonElement>("button", { name: "Compare these two" });
  const [third, second, first] = screen.getAllByRole<HTMLInputElement>("checkbox") as [HTMLInputElement, HTMLInputElement, HTMLInputElement];
  await userEvent.click(first);
  expect(compare.disabled).toBe(true);
  await userEvent.click(third);
  expect(second.disabled).toBe(true);
  await userEvent.click(compare);
  expect(location.pathname).toBe(`/history/${ids[0]}/${ids[2]}`);
  expect(screen.getByRole("heading", { name: "Two results" })).toBeDefined();
});

it("says when a result is gone", () => {
  history.replaceState(null, "", "/history/1-2");
  show(<View />);
  expect(screen.getByText("This result is no longer here")).toBeDefined();
});

it("removes one", async () => {
  done("tumor", "first.jpg");
  done("tumor", "second.jpg");
  show(<View />);
  await userEvent.click(screen.getByRole("button", { name: /Remove first\.jpg/ }));
  expect(shown()).toEqual(["second.jpg"]);
  await waitFor(() => expect(document.activeElement?.id).toBe("history-list"));
});

it("is cleared only when that was confirmed, and ends what runs", async () => {
  const ended = vi.spyOn(queue, "clear");
  done("tumor", "first.jpg");
  show(<View />);
  const ask = () => userEvent.click(screen.getByRole("button", { name: "Clear the history" }));
  await ask();
  await userEvent.click(within(screen.getByRole("alertdialog")).getByRole("button", { name: "Cancel" }));
  expect(shown()).toEqual(["first.jpg"]);
  await ask();
  await userEvent.click(screen.getByRole("button", { name: "Clear all" }));
  expect(screen.getByText("Nothing analysed yet")).toBeDefined();
  expect(ended).toHaveBeenCalled();
});
