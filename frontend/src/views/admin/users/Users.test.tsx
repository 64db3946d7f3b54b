import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { ME, problem, show, signedIn } from "../../../test/answers";
import type { User } from "../queries";
import Users from "./Users";


function user(username: string, changes: Partial<User> = {}): User {
  const id = username === "ada" ? ME.id : username.padEnd(32, "f");
  return { id, username, role: "clinician", disabled: false, created: "2026-01-01T00:00:00Z", last_sign_in: null, ...changes };
}

const ADA = user("ada", { role: "admin" });
const BOB = user("bob");

/** A gateway that keeps the accounts; what was sent to it. */
async function gateway(users: User[], answers: Parameters<typeof signedIn>[0] = {}) {
  const sent: { method: string; body: unknown }[] = [];
  await signedIn({
    "GET /api/users": () => Response.json({ users }),
    [`PATCH /api/users/${BOB.id}`]: async (request) => {
      const body = (await request.json()) as Partial<User>;
      sent.push({ method: "PATCH", body });
      Object.assign(users.find(({ id }) => id === BOB.id) ?? {}, body);
      return Response.json(BOB);
    },
    [`DELETE /api/users/${BOB.id}`]: () => {
      users.splice(users.findIndex(({ id }) => id === BOB.id), 1);
      return new Response(null, { status: 204 });
    },
    "POST /api/users": async (request) => {
      const body = (await request.json()) as { username: string };
      sent.push({ method: "POST", body });
      users.push(user(body.username));
      return Response.json(users.at(-1), { status: 201 });
    },
    ...answers,
  });
  return sent;
}

async function openAdd(name: string): Promise<HTMLElement> {
  await userEvent.click(await screen.findByRole("button", { name: "Add a user" }));
  const dialog = await screen.findByRole("dialog");
  await userEvent.type(within(dialog).getByLabelText("User name"), name);
  return dialog;
}

async function submit(dialog: HTMLElement): Promise<void> {
  await userEvent.click(within(dialog).getByRole("button", { name: "Add a user" }));
}

async function act(name: string, item: string): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: `Actions for ${name}` }));
  await userEvent.click(await screen.findByRole("menuitem", { name: item }));
}

it("adds a user with a password that it made up, and says so", async () => {
  const sent = await gateway([ADA]);
  show(<Users />);
  const dialog = await openAdd("bob");
  await userEvent.click(within(dialog).getByRole("button", { name: "Generate one" }));
  const made = (within(dialog).getByLabelText("Password") as HTMLInputElement).value;
  expect(made).toMatch(/^([a-z2-9]{4}-){4}[a-z2-9]{4}$/);
  await submit(dialog);
  expect(await screen.findByText("bob can sign in now.")).toBeDefined();
  expect(sent).toEqual([{ method: "POST", body: { username: "bob", role: "clinician", password: made } }]);
  expect(screen.getByRole("rowheader", { name: "bob" })).toBeDefined();
});

it("says at the name that it is taken, and keeps what was typed", async () => {
  await gateway([ADA], { "POST /api/users": () => problem(409, "CONFLICT") });
  show(<Users />);
  const dialog = await openAdd("ada");
  await userEvent.type(within(dialog).getByLabelText("Password"), "twelve letters");
  await submit(dialog);
  const name = within(dialog).getByLabelText("User name");
  await waitFor(() => expect(name.getAttribute("aria-invalid")).toBe("true"));
  expect(within(dialog).getByText(/a user of this name already/)).toBeDefined();
  expect(document.activeElement).toBe(name);
  expect((within(dialog).getByLabelText("Password") as HTMLInputElement).value).toBe("twelve letters");
});

it("shows what the gateway says of a field at that field", async () => {
  const detail = "body.password: String should have at most 256 characters";
  const refused = { code: "VALIDATION_ERROR", detail, status: 422, title: "" };
  await gateway([ADA], { "POST /api/users": () => Response.json(refused, { status: 422 }) });
  show(<Users />);
  const dialog = await openAdd("bob");
  await userEvent.type(within(dialog).getByLabelText("Password"), "twelve letters");
  await submit(dialog);
  expect(await within(dialog).findByText(/at most 256 characters/)).toBeDefined();
  expect(document.activeElement).toBe(within(dialog).getByLabelText("Password"));
});

it("asks the gateway nothing while the password is too short", async () => {
  const sent = await gateway([ADA]);
  show(<Users />);
  const dialog = await openAdd("bob");
  await userEvent.type(within(dialog).getByLabelText("Password"), "short");
  await submit(dialog);
  expect(await within(dialog).findByText("Give at least 12 characters.")).toBeDefined();
  expect(sent).toEqual([]);
});

it("lets nobody take away their own access, and says why", async () => {
  await gateway([ADA, BOB]);
  show(<Users />);
  const own = await screen.findByRole("button", { name: "Actions for ada" });
  await waitFor(() => expect((own as HTMLButtonElement).disabled).toBe(true));
  expect(screen.getByText(/This is you/).id).toBe(own.getAttribute("aria-describedby"));
});

it("disables an account once that was confirmed", async () => {
  const sent = await gateway([ADA, { ...BOB }]);
  show(<Users />);
  await act("bob", "Disable");
  const dialog = await screen.findByRole("alertdialog");
  expect(sent).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Disable" }));
  expect(await screen.findByText("bob is disabled.")).toBeDefined();
  expect(sent).toEqual([{ method: "PATCH", body: { disabled: true } }]);
  expect(screen.getByText("Disabled")).toBeDefined();
});

it("warns that keys end before an administrator becomes less", async () => {
  const sent = await gateway([ADA, { ...BOB, role: "admin" }]);
  show(<Users />);
  await act("bob", "Change the role");
  const dialog = await screen.findByRole("dialog");
  await userEvent.click(within(dialog).getByRole("button", { name: /Administrator/ }));
  await userEvent.click(await screen.findByRole("option", { name: "Viewer" }));
  expect(within(dialog).getByText(/keys that this account made end/)).toBeDefined();
  await userEvent.click(within(dialog).getByRole("button", { name: "Save" }));
  expect(await screen.findByText("bob has the role Viewer now.")).toBeDefined();
  expect(sent).toEqual([{ method: "PATCH", body: { role: "viewer" } }]);
});

it("removes an account, and moves the focus to the heading", async () => {
  await gateway([ADA, { ...BOB }]);
  show(<Users />);
  await act("bob", "Remove");
  await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Remove" }));
  expect(await screen.findByText("bob is removed.")).toBeDefined();
  expect(screen.queryByRole("rowheader", { name: "bob" })).toBeNull();
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Users" })));
});

it("shows what the gateway says when it refuses a change", async () => {
  await gateway([ADA, BOB], { [`DELETE /api/users/${BOB.id}`]: () => problem(503, "SIGN_IN_UNAVAILABLE") });
  show(<Users />);
  await act("bob", "Remove");
  const dialog = await screen.findByRole("alertdialog");
  await userEvent.click(within(dialog).getByRole("button", { name: "Remove" }));
  expect((await within(dialog).findByRole("alert")).textContent).toContain("Try again in a moment");
});

it("searches when there are many", async () => {
  await gateway(Array.from({ length: 12 }, (_, at) => user(`person-${at}`)));
  show(<Users />);
  await userEvent.type(await screen.findByLabelText("Search by name"), " PERSON-11");
  expect(await screen.findByText("1 user found")).toBeDefined();
  expect(screen.getAllByRole("rowheader").map((cell) => cell.textContent)).toEqual(["person-11"]);
});

it("says that the accounts cannot be read, and asks again", async () => {
  let isDown = true;
  const list = () => (isDown ? problem(503, "SIGN_IN_UNAVAILABLE") : Response.json({ users: [ADA] }));
  await gateway([], { "GET /api/users": list });
  show(<Users />);
  const retry = await screen.findByRole("button", { name: "Try again" });
  isDown = false;
  await userEvent.click(retry);
  expect(await screen.findByRole("rowheader", { name: "ada" })).toBeDefined();
});
