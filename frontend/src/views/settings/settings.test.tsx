import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it } from "vitest";
import { version } from "../../../package.json";
import { speak } from "../../i18n";
import { session } from "../../session/session";
import { useSettings } from "../../stores/settings";
import { problem, show, signedIn } from "../../test/answers";
import Settings from "./index";
import { phoneOf } from "./phone";

const PAGE = { version, emergency_number: "112" as string | null };

afterEach(() => useSettings.setState(useSettings.getInitialState()));

async function open(page: object = PAGE): Promise<void> {
  await signedIn({ "/api/page": () => Response.json(page) });
  show(<Settings />);
}

const number = () => screen.getByLabelText("Number to call in an emergency");

async function save(text: string): Promise<void> {
  fireEvent.change(number(), { target: { value: text } });
  await userEvent.click(screen.getByRole("button", { name: "Save" }));
}

async function choose(label: string, option: string): Promise<void> {
  await userEvent.click(screen.getByRole("button", { name: new RegExp(label) }));
  await userEvent.click(await screen.findByRole("option", { name: option }));
}

it.each([
  ["112", "112"],
  ["  +20 123 ", "+20 123"],
  ["*9#", "*9#"],
  ["02-123", "02-123"],
  ["1", null],
  ["٩٩٧", "997"],
  ["۱۱۲", "112"],
  ["", ""],
  ["   ", ""],
  ["call me", null],
  ["+# ", null],
  ["1".repeat(21), null],
  ["112<script>", null],
])("takes %o for the number %o", (typed, kept) => {
  expect(phoneOf(typed)).toBe(kept);
});

it("keeps a number, and says what is shown without one", async () => {
  await open();
  expect(await screen.findByText(/Empty: .112., as set by your operator/)).toBeDefined();
  await save("٩٩٧");
  expect(await screen.findByText("Saved in this browser.")).toBeDefined();
  expect(useSettings.getState().emergencyNumber).toBe("997");
  expect((number() as HTMLInputElement).value).toBe("997");
  expect(localStorage.getItem("doctorai.settings")).toContain("997");
});

it("says that an operator has set none", async () => {
  await open({ ...PAGE, emergency_number: null });
  expect(await screen.findByText(/“your local emergency number”, in words/)).toBeDefined();
});

it("says what is wrong with a number, keeps the former one and what was typed", async () => {
  useSettings.setState({ emergencyNumber: "999" });
  await open();
  await save("call me");
  expect(await screen.findByText(/Digits, \+, \*, #, - and spaces only/)).toBeDefined();
  expect(useSettings.getState().emergencyNumber).toBe("999");
  expect((number() as HTMLInputElement).value).toBe("call me");
  expect(screen.queryByText("Saved in this browser.")).toBeNull();
});

it("changes how the page looks, and its language", async () => {
  await open();
  await choose("Appearance", "Dark");
  expect(document.documentElement.dataset.theme).toBe("dark");
  await choose("Language", "العربية");
  expect(await screen.findByRole("heading", { level: 2, name: "الإعدادات" })).toBeDefined();
});

it("lists what this browser keeps, and forgets all but who is signed in", async () => {
  await open();
  await save("997");
  await choose("Appearance", "Dark");
  const names = () => within(screen.getByRole("table", { name: "What this browser keeps" })).queryAllByText(/^doctorai/);
  expect(names().map(({ textContent }) => textContent)).toContain("doctorai.settings");
  await userEvent.click(screen.getByRole("button", { name: "Forget my settings" }));
  expect(await screen.findByText(/^Forgotten\./)).toBeDefined();
  expect(useSettings.getState()).toMatchObject({ theme: "system", emergencyNumber: "" });
  expect(Object.keys(localStorage)).toEqual(["doctorai.session"]);
  expect(names().map(({ textContent }) => textContent)).toEqual(["doctorai.session", "doctorai_session"]);
  expect((number() as HTMLInputElement).value).toBe("");
  expect(session.current()).toBe("signedIn");
});

it("shows both versions, and says when the page is not the system's", async () => {
  await open({ ...PAGE, version: "9.9.9" });
  expect(await screen.findByText("9.9.9")).toBeDefined();
  expect(screen.getByText(version)).toBeDefined();
  expect(screen.getByText(/Load it anew/)).toBeDefined();
});

it("says nothing of versions that are the same", async () => {
  await open();
  await waitFor(() => expect(screen.getAllByText(version)).toHaveLength(2));
  expect(screen.queryByText(/Load it anew/)).toBeNull();
});

it("can ask again for what it could not get, and shows the rest", async () => {
  await signedIn({ "/api/page": () => problem(503, "OVERLOADED") });
  show(<Settings />);
  expect(within(await screen.findByRole("alert")).getByRole("button", { name: "Try again" })).toBeDefined();
  expect(screen.getByRole("link", { name: /API documentation/ }).getAttribute("href")).toMatch(/\/docs$/);
  expect(number()).toBeDefined();
});

it("is all in Arabic on the page in Arabic", async () => {
  await speak("ar");
  await open();
  await waitFor(() => expect(screen.getAllByText(version)).toHaveLength(2));
  const english = document.body.textContent?.match(/[A-Za-z]{3,}/g) ?? [];
  const names = ["doctorai", "settings", "language", "session", "English", "Tab", "Shift", "Enter", "Esc"];
  expect(english.filter((word) => !names.some((name) => word.includes(name)))).toEqual([]);
});
