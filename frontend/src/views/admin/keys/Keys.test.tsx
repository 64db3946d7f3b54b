import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { ME, show, signedIn } from "../../../test/answers";
import type { Key } from "../queries";
import Keys from "./Keys";
import { EMPTY, asked, isDays } from "./newKey";


const SECRET = "dai_0123456789abcdef_secret";
const PACS: Key = {
  id: "a".repeat(32),
  name: "PACS",
  role: "viewer",
  models: ["tumor", "chatbot"],
  owner: ME.id,
  created: "2026-01-01T00:00:00Z",
  expires: "2026-02-01T00:00:00Z",
  last_used: null,
};

async function gateway(keys: Key[]) {
  const sent: unknown[] = [];
  await signedIn({
    "GET /api/keys": () => Response.json({ keys }),
    "GET /api/users": () => Response.json({ users: [{ ...ME, disabled: false, created: PACS.created, last_sign_in: null }] }),
    "GET /api/models": () => Response.json({ models: [{ model: "tumor" }, { model: "xray" }] }),
    "POST /api/keys": async (request) => {
      sent.push(await request.json());
      keys.push({ ...PACS, id: "b".repeat(32), name: "ward 3" });
      return Response.json({ ...keys.at(-1), key: SECRET }, { status: 201 });
    },
    [`DELETE /api/keys/${PACS.id}`]: () => {
      keys.splice(0, 1);
      return new Response(null, { status: 204 });
    },
  });
  return sent;
}

it("shows whose a key is, what it is for, and that it has ended", async () => {
  await gateway([PACS]);
  show(<Keys />);
  const row = (await screen.findByRole("rowheader", { name: "PACS" })).closest("tr") as HTMLElement;
  await waitFor(() => expect(within(row).getByText("ada")).toBeDefined());
  expect(within(row).getByText("Brain MRI and Chatbot")).toBeDefined();
  expect(within(row).getByText(/^Ended/)).toBeDefined();
});

it("makes a key for some models, shows it once, and closes only when it is stored", async () => {
  const sent = await gateway([]);
  show(<Keys />);
  await userEvent.click(await screen.findByRole("button", { name: "Make a key" }));
  const form = await screen.findByRole("dialog");
  await userEvent.type(within(form).getByLabelText("Name"), "ward 3");
  await userEvent.click(within(form).getByLabelText("For all models, later ones, too"));
  await userEvent.click(await within(form).findByLabelText("Chest x-ray"));
  await userEvent.click(within(form).getByRole("button", { name: "Make a key" }));
  const key = await screen.findByRole("textbox", { name: "Key" });
  expect(sent).toEqual([{ name: "ward 3", role: "clinician", models: ["xray"], expires_in_days: 365 }]);
  expect(key.textContent).toBe(SECRET);
  expect(document.activeElement).toBe(key);
  await userEvent.keyboard("{Escape}");
  expect(screen.getByRole("dialog", { name: "The new key" })).toBeDefined();
  expect(screen.queryByRole("button", { name: "Close" })).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "I have stored the key" }));
  expect(await screen.findByText("The key “ward 3” works now.")).toBeDefined();
  expect(document.body.textContent).not.toContain(SECRET);
  expect(screen.getByRole("rowheader", { name: "ward 3" })).toBeDefined();
});

it("makes no key that is for nothing", async () => {
  const sent = await gateway([]);
  show(<Keys />);
  await userEvent.click(await screen.findByRole("button", { name: "Make a key" }));
  const form = await screen.findByRole("dialog");
  await userEvent.type(within(form).getByLabelText("Name"), "ward 3");
  await userEvent.click(within(form).getByLabelText("For all models, later ones, too"));
  await within(form).findByLabelText("Chest x-ray");
  await userEvent.click(within(form).getByRole("button", { name: "Make a key" }));
  expect(await within(form).findByText("Choose at least one model.")).toBeDefined();
  expect(sent).toEqual([]);
});

it("revokes a key once that was confirmed", async () => {
  await gateway([{ ...PACS }]);
  show(<Keys />);
  await userEvent.click(await screen.findByRole("button", { name: "Revoke “PACS”" }));
  await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Revoke" }));
  expect(await screen.findByText("The key “PACS” is revoked.")).toBeDefined();
  expect(await screen.findByText("No keys yet")).toBeDefined();
});

it("asks for the days that were meant", () => {
  expect(asked({ ...EMPTY, name: " a ", lifetime: "never" })).toEqual({ name: "a", role: "clinician", models: null, expires_in_days: null });
  expect(asked({ ...EMPTY, lifetime: "other", days: "7" }).expires_in_days).toBe(7);
  expect(["1", "3650"].every(isDays)).toBe(true);
  expect(["0", "3651", "1.5", "-3", "", "1e2"].some(isDays)).toBe(false);
});
