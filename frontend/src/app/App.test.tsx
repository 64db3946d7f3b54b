import { act, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { session } from "../session/session";
import { ME, opened, problem, serve } from "../test/answers";
import { App } from "./App";

const HEALTH = () => Response.json({ status: "healthy", services: {}, models: {} });

async function signIn(): Promise<void> {
  await userEvent.type(await screen.findByLabelText("User name"), "ada");
  await userEvent.type(screen.getByLabelText("Password"), "a long password");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

it("says that a password is wrong", async () => {
  serve({ "/api/session": () => problem(401, "UNAUTHORIZED"), "/api/health": HEALTH });
  render(<App />);
  await signIn();
  expect((await screen.findByRole("alert")).textContent).toContain("wrong");
});

it("says that nobody answers", async () => {
  serve({ "/api/health": HEALTH });
  render(<App />);
  await signIn();
  expect((await screen.findByRole("alert")).textContent).toContain("does not answer");
});

it("keeps what is open when the session ends, and goes on with the same person only", async () => {
  serve({
    "/api/session": () => opened("one"),
    "/api/session/refresh": () => problem(401, "UNAUTHORIZED"),
    "/api/me": () => Response.json({ ...ME, role: "clinician" }),
    "/api/health": HEALTH,
  });
  render(<App />);
  await signIn();
  const link = await screen.findByRole("link", { name: "Analyse" });
  session.refused(await session.token());
  expect(await screen.findByRole("dialog", { name: "Your session has ended" })).toBeDefined();
  expect((screen.getByLabelText("User name") as HTMLInputElement).readOnly).toBe(true);
  await userEvent.type(screen.getByLabelText("Password"), "a long password");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
  expect(link.isConnected).toBe(true);
});

it("shows the administration to administrators alone", async () => {
  serve({ "/api/session": () => opened(), "/api/me": () => Response.json({ ...ME, role: "viewer" }), "/api/health": HEALTH });
  history.replaceState(null, "", "/admin");
  render(<App />);
  await signIn();
  expect(await screen.findByText("Not for this account")).toBeDefined();
  expect(screen.queryByRole("link", { name: "Administration" })).toBeNull();
});

it("has a short name for the administration, which is called by its whole one", async () => {
  serve({ "/api/session": () => opened(), "/api/me": () => Response.json(ME), "/api/health": HEALTH });
  render(<App />);
  await signIn();
  const link = await screen.findByRole("link", { name: "Administration" });
  expect(link.querySelector(".views-short")?.textContent).toBe("Admin");
});

it("turns around for Arabic", async () => {
  serve({ "/api/health": HEALTH });
  render(<App />);
  await userEvent.click(screen.getByRole("button", { name: "Account and appearance" }));
  await userEvent.click(await screen.findByRole("menuitemradio", { name: "العربية" }));
  await expect.poll(() => document.documentElement.dir).toBe("rtl");
  expect(document.documentElement.lang).toBe("ar");
  expect(screen.getByRole("heading", { level: 2 }).textContent).toBe("تسجيل الدخول");
});

it("goes to the heading of the view that somebody goes to, and names the tab after it", async () => {
  serve({ "/api/session": () => opened(), "/api/me": () => Response.json(ME), "/api/health": HEALTH });
  const scrolled = vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
  render(<App />);
  await signIn();
  await expect.poll(() => document.title).toBe("Analyse · DoctorAI");
  await screen.findByRole("heading", { level: 2, name: "Analyse" });
  await userEvent.click(screen.getByRole("link", { name: "Models" }));
  const heading = await screen.findByRole("heading", { level: 2, name: "Models" });
  await expect.poll(() => document.activeElement).toBe(heading);
  expect(document.title).toBe("Models · DoctorAI");
  expect(scrolled).toHaveBeenCalledWith(0, 0);
});

it("ends the session for the other tabs and at the gateway when somebody else takes over, who begins at the start", async () => {
  const closed = vi.fn(() => new Response(null, { status: 204 }));
  serve({
    "POST /api/session": () => opened(),
    "DELETE /api/session": closed,
    "/api/session/refresh": () => problem(401, "UNAUTHORIZED"),
    "/api/me": () => Response.json(ME),
    "/api/health": HEALTH,
  });
  history.replaceState(null, "", "/settings");
  render(<App />);
  await signIn();
  session.refused(await session.token());
  await userEvent.click(await screen.findByRole("button", { name: "Somebody else: clear the page" }));
  expect(await screen.findByRole("heading", { level: 2, name: "Sign in" })).toBeDefined();
  await expect.poll(() => closed.mock.calls.length).toBe(1);
  expect([location.pathname, document.title]).toEqual(["/analyse", "DoctorAI"]);
});

it("lets the next person begin at the start also in a tab where nobody has signed out", async () => {
  serve({ "/api/session": () => opened(), "/api/me": () => Response.json(ME), "/api/health": HEALTH });
  history.replaceState(null, "", "/settings");
  render(<App />);
  await signIn();
  await screen.findByRole("heading", { level: 2, name: "Settings" });
  act(() => session.forget()); // as when another tab says so
  expect(await screen.findByRole("heading", { level: 2, name: "Sign in" })).toBeDefined();
  expect(location.pathname).toBe("/analyse");
});

it("keeps the address when a session has ended before the page was loaded", async () => {
  serve({ "/api/session/refresh": () => problem(401, "UNAUTHORIZED"), "/api/health": HEALTH });
  localStorage.setItem("doctorai.session", "1");
  history.replaceState(null, "", "/models/tumor");
  render(<App />);
  await act(() => session.resume());
  expect(await screen.findByRole("heading", { level: 2, name: "Sign in" })).toBeDefined();
  expect(location.pathname).toBe("/models/tumor");
});
