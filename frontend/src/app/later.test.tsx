import { onlineManager } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { Suspense } from "react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Broken } from "./Broken";
import { later } from "./later";

const load = vi.fn<() => Promise<{ default: () => string }>>();

function showIt(): void {
  const { Content } = later(load);
  render(
    <Broken>
      <Suspense>
        <Content />
      </Suspense>
    </Broken>,
  );
}

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => undefined); // React tells of what was thrown
  load.mockReset().mockRejectedValueOnce(new TypeError("no such file")).mockResolvedValue({ default: () => "here it is" });
});
afterEach(() => onlineManager.setOnline(true));

it("asks anew for what could not be loaded, once somebody wants it again", async () => {
  showIt();
  expect(await screen.findByText("This part of the page has failed")).toBeDefined();
  expect(load).toHaveBeenCalledOnce();
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByText("here it is")).toBeDefined();
  expect(load).toHaveBeenCalledTimes(2);
});

it("says that the device is offline rather than that something has failed", async () => {
  onlineManager.setOnline(false);
  showIt();
  expect(await screen.findByText(/This device is offline/)).toBeDefined();
  expect(screen.queryByText("This part of the page has failed")).toBeNull();
});
