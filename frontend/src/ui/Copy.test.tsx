import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { Copy } from "./Copy";

const bySelection = vi.fn<() => boolean>();

beforeEach(() => {
  bySelection.mockReset();
  document.execCommand = bySelection;
});

/** Pressed where the clipboard is not to be had. */
async function press(): Promise<HTMLElement> {
  render(<Copy text="what is copied" />);
  const user = userEvent.setup();
  vi.spyOn(navigator.clipboard, "writeText").mockRejectedValue(new DOMException("no", "NotAllowedError"));
  await user.click(screen.getByRole("button", { name: "Copy" }));
  return screen.getByRole("button");
}

it("copies by a selection where there is no clipboard, and keeps the focus", async () => {
  bySelection.mockImplementation(() => (document.activeElement as HTMLTextAreaElement).value === "what is copied");
  const button = await press();
  expect(await screen.findByText("Copied")).toBeDefined();
  expect(document.activeElement).toBe(button);
  expect(document.querySelector("textarea")).toBeNull();
});

it.each([
  ["refuses", () => false],
  [
    "throws",
    () => {
      throw new Error("no");
    },
  ],
])("says that it could not when the browser %s", async (_, refuse) => {
  bySelection.mockImplementation(refuse);
  const button = await press();
  expect(await screen.findByText(/^Not copied/)).toBeDefined();
  expect(document.activeElement).toBe(button);
});
