import { screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { ME, problem, show, signedIn } from "../../../test/answers";
import Audit from "./Audit";
import type { Checked } from "./queries";
import { ENTRY } from "./testEntry";
import type { Entry } from "./filters";


const CHECKED: Checked = {
  intact: true,
  checked_at: "2026-01-01T00:00:00Z",
  lines: 1200,
  slots: 2,
  problems: [],
  more: 0,
  running: false,
  reason: null,
};

interface Page {
  entries: Entry[];
  next: string | null;
}

async function gateway(page: (query: URLSearchParams) => Page, answers: Parameters<typeof signedIn>[0] = {}) {
  const asked: URLSearchParams[] = [];
  await signedIn({
    "GET /api/users": () => Response.json({ users: [{ ...ME, disabled: false, created: ENTRY.time, last_sign_in: null }] }),
    "GET /api/models": () => Response.json({ models: [{ model: "tumor" }] }),
    "GET /api/audit": (request) => {
      asked.push(new URL(request.url).searchParams);
      return Response.json(page(new URL(request.url).searchParams));
    },
    "GET /api/audit/check": () => Response.json(CHECKED),
    ...answers,
  });
  return asked;
}

const one = (changes: Partial<Entry> = {}) => (): Page => ({ entries: [{ ...ENTRY, ...changes }], next: null });

it("says in words what was done, by whom, and what came of it", async () => {
  await gateway(one({ outcome: "RATE_LIMITED" }));
  show(<Audit />);
  const entry = (await screen.findByText("Analysed a picture", { selector: "strong" })).closest("li") as HTMLElement;
  const summary = entry.querySelector("summary") as HTMLElement;
  expect(summary.textContent).toContain("ada");
  expect(summary.textContent).toContain("Brain MRI");
  expect(summary.textContent).toContain("Too many requests");
  expect(within(entry).queryByText("Confidence")).toBeNull();
  await userEvent.click(summary);
  expect(await within(entry).findByText("Glioma")).toBeDefined();
  expect(within(entry).getByText("93.4%")).toBeDefined();
});

it("says nothing of what a line does not tell", async () => {
  await gateway(one({ confidence: null, cached: null, decision: null }));
  show(<Audit />);
  const entry = (await screen.findByText("Analysed a picture", { selector: "strong" })).closest("li") as HTMLElement;
  await userEvent.click(entry.querySelector("summary") as HTMLElement);
  expect(await within(entry).findByText("Glioma")).toBeDefined();
  expect(["Confidence", "From the cache", "Decision"].filter((term) => within(entry).queryByText(term))).toEqual([]);
});

it("shows a line that is damaged as such", async () => {
  const nothing = Object.fromEntries(Object.keys(ENTRY).map((name) => [name, null])) as unknown as Entry;
  await gateway(() => ({ entries: [{ ...nothing, slot: 1, problem: "is not JSON" }], next: null }));
  show(<Audit />);
  expect(await screen.findByText("A line that cannot be read")).toBeDefined();
  expect(screen.getByText("Damaged")).toBeDefined();
  expect(screen.getByText("is not JSON")).toBeDefined();
});

it("asks for what was chosen only when it is sent, and knows the id of a user name", async () => {
  const asked = await gateway(one());
  show(<Audit />);
  await screen.findByText("1 entry");
  expect([...(asked[0]?.keys() ?? [])].sort()).toEqual(["limit", "since"]);
  await userEvent.click(screen.getByRole("button", { name: /What was done/ }));
  await userEvent.click(await screen.findByRole("option", { name: "Signed in" }));
  await userEvent.type(screen.getByLabelText("User"), "Ada");
  await userEvent.type(screen.getByLabelText("Request id"), "r-1");
  expect(asked).toHaveLength(1);
  await userEvent.click(screen.getByRole("button", { name: "Show" }));
  await waitFor(() => expect(asked).toHaveLength(2));
  const sent = Object.fromEntries(asked[1] ?? []);
  expect(sent).toMatchObject({ action: "sign_in", subject: ME.id, request_id: "r-1", limit: "100" });
});

it("hides renewed sessions until they are wanted, and says how many", async () => {
  await gateway(() => ({ entries: [ENTRY, { ...ENTRY, action: "refresh", seq: 43 }, { ...ENTRY, action: "refresh", seq: 44 }], next: null }));
  show(<Audit />);
  expect(await screen.findByText("1 entry")).toBeDefined();
  expect(screen.getByText("2 are hidden.")).toBeDefined();
  await userEvent.click(screen.getByRole("checkbox", { name: /Also show renewed sessions/ }));
  expect(screen.getByText("3 entries")).toBeDefined();
  expect(screen.queryByText(/hidden/)).toBeNull();
});

it("narrows to the user of an entry, and shows that in the form", async () => {
  const asked = await gateway(one());
  show(<Audit />);
  const entry = (await screen.findByText("Analysed a picture", { selector: "strong" })).closest("li") as HTMLElement;
  await userEvent.click(entry.querySelector("summary") as HTMLElement);
  await userEvent.click((await within(entry).findAllByRole("button", { name: "Only this" }))[0] as HTMLElement);
  await waitFor(() => expect(asked.at(-1)?.get("subject")).toBe(ME.id));
  expect((screen.getByLabelText("User") as HTMLInputElement).value).toBe("ada");
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Audit" }));
});

it("goes on with what is older, from where it was", async () => {
  const asked = await gateway((query) =>
    query.get("before") ? { entries: [{ ...ENTRY, seq: 1 }], next: null } : { entries: [ENTRY], next: "1-20260101-7" },
  );
  show(<Audit />);
  await userEvent.click(await screen.findByRole("button", { name: "Show older ones" }));
  expect(await screen.findByText("2 entries")).toBeDefined();
  expect(asked.map((query) => query.get("before"))).toEqual([null, "1-20260101-7"]);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByText("That is all there is.")));
});

it("does not take a part without a line that fits for the end", async () => {
  await gateway((query) => (query.get("before") ? one()() : { entries: [], next: "1-20260101-7" }));
  show(<Audit />);
  expect(await screen.findByText(/Nothing found in what was read so far/)).toBeDefined();
  expect(screen.queryByText("Nothing fits")).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Show older ones" }));
  expect(await screen.findByText("1 entry")).toBeDefined();
});

it("says that nothing fits, and that the log cannot be read", async () => {
  let isDown = true;
  const page = () => (isDown ? problem(503, "AUDIT_UNAVAILABLE") : Response.json({ entries: [], next: null }));
  await gateway(one(), { "GET /api/audit": page });
  show(<Audit />);
  const retry = await screen.findByRole("button", { name: "Try again" });
  isDown = false;
  await userEvent.click(retry);
  expect(await screen.findByText("Nothing fits")).toBeDefined();
});

it("checks the chain, and tells what was found when it is done", async () => {
  const damaged = { file: "audit-1-2026-01-01.jsonl", line: 7, what: "was changed after it was written" };
  const after: Checked = { ...CHECKED, intact: false, problems: [damaged], more: 2 };
  let found: Checked = CHECKED;
  await gateway(one(), {
    "GET /api/audit/check": () => Response.json(found),
    "POST /api/audit/check": () => {
      found = after;
      return Response.json({ ...CHECKED, running: true }, { status: 202 });
    },
  });
  show(<Audit />);
  expect(await screen.findByText(/^Intact/)).toBeDefined();
  expect(screen.getByText("1,200 lines")).toBeDefined();
  const now = screen.getByRole("button", { name: "Check now" }) as HTMLButtonElement;
  await userEvent.click(now);
  expect(await screen.findByRole("progressbar")).toBeDefined();
  expect(now.getAttribute("aria-disabled")).toBe("true");
  expect(await screen.findByText(/^Not intact/)).toBeDefined();
  expect(screen.getByText("was changed after it was written")).toBeDefined();
  expect(screen.getByText("And 2 further places.")).toBeDefined();
});

it("says that nobody knows, and why", async () => {
  const unknown = { ...CHECKED, intact: null, checked_at: null, lines: null, slots: null, reason: "there is no SECRET_KEY" };
  await gateway(one(), { "GET /api/audit/check": () => Response.json(unknown) });
  show(<Audit />);
  expect(await screen.findByText(/^Not known/)).toBeDefined();
  expect(screen.getByText("there is no SECRET_KEY")).toBeDefined();
});

it("saves what is shown as a table", async () => {
  await gateway(one());
  const saved: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${saved.push(blob as Blob)}`);
  const names: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download);
  });
  show(<Audit />);
  await userEvent.click(await screen.findByRole("button", { name: "Save these as CSV" }));
  expect(names[0]).toMatch(/^doctorai-audit-\d{4}-\d{2}-\d{2}\.csv$/);
  expect((await saved[0]?.text())?.split("\r\n")[1]).toMatch(/^2026-01-01T12:00:00Z,predict,ok,/);
});
