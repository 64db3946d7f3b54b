import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { App } from "../../app/App";
import { signedIn } from "../../test/answers";

/** A part is loaded when it is first looked at. */
const SLOWLY = { timeout: 10_000 };

it("begins with the users, and has each part at its address", async () => {
  await signedIn({
    "/api/health": () => Response.json({ status: "healthy", services: {}, models: {} }),
    "/api/users": () => Response.json({ users: [] }),
    "/api/keys": () => Response.json({ keys: [] }),
  });
  history.replaceState(null, "", "/admin");
  render(<App />);
  expect(await screen.findByText("No accounts here", {}, SLOWLY)).toBeDefined();
  expect(location.pathname).toBe("/admin/users");
  expect(screen.getByRole("link", { name: "Users" }).getAttribute("aria-current")).toBe("page");
  await userEvent.click(screen.getByRole("link", { name: "API keys" }));
  expect(await screen.findByText("No keys yet", {}, SLOWLY)).toBeDefined();
  expect(location.pathname).toBe("/admin/keys");
  expect(screen.getByRole("link", { name: "Users" }).getAttribute("aria-current")).toBeNull();
}, 30_000);
