import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import { show, signedIn } from "../../../test/answers";
import { Instances } from "./Instances";
import Versions from "./Versions";
import { type ModelVersions, PATIENCE_MS, commandsIn, following, isLate, pollEvery } from "./following";


const READ_ONLY = "The service can only read its models: use `doctorai models activate tumor VERSION` where …";

const WHOLE = { created: "2026-01-01T00:00:00Z", whole: true, problem: null };
const DOC: ModelVersions = {
  model: "tumor",
  service: "tumor",
  active: "1.0.0",
  previous: null,
  canary: { version: "1.2.0", share: 0.1 },
  shadow: null,
  pinned: null,
  writable: true,
  why_not: null,
  revision: "a-1",
  versions: [
    { version: "1.2.0", created: null, whole: false, problem: "gate.npz cannot be read" },
    { version: "1.1.0", ...WHOLE },
    { version: "1.0.0", ...WHOLE },
  ],
  instances: [
    { id: "tumor-1", version: "1.0.0", notice: null },
    { id: "tumor-2", version: "1.0.0", notice: null },
  ],
};

let doc: ModelVersions;
let sent: unknown[];

async function gateway(change?: () => Response): Promise<void> {
  const changed = async (request: Request) => {
    const text = await request.text();
    sent.push(text ? JSON.parse(text) : new URL(request.url).pathname);
    return change ? change() : Response.json(doc, { status: 202 });
  };
  await signedIn({
    "GET /api/models": () => Response.json({ models: [{ model: "tumor", service: "tumor" }] }),
    "GET /api/models/tumor/versions": () => Response.json(doc),
    "POST /api/models/tumor/activate": changed,
    "POST /api/models/tumor/rollback": changed,
  });
}

function now(version: string | null, notice: string | null = null): ModelVersions["instances"] {
  return [
    { id: "tumor-1", version: "1.1.0", notice: null },
    { id: "tumor-2", version, notice },
  ];
}

async function activate(): Promise<void> {
  await userEvent.click(await screen.findByRole("button", { name: "Activate 1.1.0" }));
  const dialog = await screen.findByRole("alertdialog", { name: "Brain MRI: activate 1.1.0?" });
  expect(dialog.textContent).toContain("The next answers come from 1.1.0");
  expect(sent).toEqual([]);
  await userEvent.click(within(dialog).getByRole("button", { name: "Activate" }));
}

beforeEach(() => {
  doc = structuredClone(DOC);
  sent = [];
});

it("shows what lies on the disk, what is wrong with it, and what it is used for", async () => {
  await gateway();
  show(<Versions />);
  const row = (await screen.findByRole("rowheader", { name: "1.2.0" })).closest("tr") as HTMLElement;
  expect(within(row).getByText("gate.npz cannot be read")).toBeDefined();
  expect(within(row).getByText("Canary, 10% of the pictures")).toBeDefined();
  expect((within(row).getByRole("button") as HTMLButtonElement).disabled).toBe(true);
  expect((screen.getByRole("button", { name: /Nothing to roll back to/ }) as HTMLButtonElement).disabled).toBe(true);
});

it("activates a version, and watches until every instance serves it", async () => {
  await gateway();
  show(<Versions />);
  await screen.findByText("All instances serve 1.0.0.");
  doc = { ...doc, active: "1.1.0", previous: "1.0.0", instances: now("1.0.0") };
  await activate();
  expect(await screen.findByText("1 of 2 instances serve 1.1.0 so far.")).toBeDefined();
  expect(sent).toEqual([{ version: "1.1.0" }]);
  doc = { ...doc, instances: now("1.1.0") };
  expect(await screen.findByText("All instances serve 1.1.0.")).toBeDefined();
  expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Brain MRI" }));
});

it("says after a minute who has not followed, and why", () => {
  const late = { ...DOC, active: "1.1.0", instances: now("1.0.0", "model.tflite does not match its checksum") };
  show(<Instances doc={late} since={0} now={PATIENCE_MS} />);
  expect(screen.getByRole("status").textContent).toContain("After a minute only 1 of 2 instances serve 1.1.0.");
  expect(screen.getByText("model.tflite does not match its checksum")).toBeDefined();
});

it("goes back to what was active before", async () => {
  doc = { ...doc, active: "1.1.0", previous: "1.0.0", instances: now("1.1.0") };
  await gateway();
  show(<Versions />);
  await userEvent.click(await screen.findByRole("button", { name: "Roll back to 1.0.0: Brain MRI" }));
  doc = structuredClone(DOC);
  await userEvent.click(within(await screen.findByRole("alertdialog")).getByRole("button", { name: "Roll back" }));
  expect(await screen.findByText("All instances serve 1.0.0.")).toBeDefined();
  expect(sent).toEqual(["/api/models/tumor/rollback"]);
});

it("gives the command where the version cannot be changed from here", async () => {
  doc = { ...doc, writable: false, why_not: READ_ONLY };
  await gateway();
  show(<Versions />);
  expect(await screen.findByText("doctorai models activate tumor 1.1.0")).toBeDefined();
  expect(screen.queryByRole("button", { name: "Activate 1.1.0" })).toBeNull();
});

it("says why an activation was refused, with the command to use instead", async () => {
  const detail = "It was mounted read-only meanwhile: use `doctorai models activate tumor 1.1.0`.";
  await gateway(() => Response.json({ code: "CONFLICT", detail, status: 409, title: "" }, { status: 409 }));
  show(<Versions />);
  await activate();
  const dialog = screen.getByRole("alertdialog");
  expect((await within(dialog).findByRole("alert")).textContent).toContain("mounted read-only");
  expect(within(dialog).getByText("doctorai models activate tumor 1.1.0")).toBeDefined();
});

it("follows MODEL_VERSION before what was chosen", () => {
  expect(following({ ...DOC, pinned: "1.1.0" })).toEqual({ wanted: "1.1.0", total: 2, followed: 0, isDone: false });
  expect(following({ ...DOC, instances: [] }).isDone).toBe(false);
});

it("asks often while something changes, and no longer than a minute", () => {
  const changing = { ...DOC, active: "1.1.0" };
  expect(pollEvery(changing, 0, PATIENCE_MS - 1)).toBe(1_000);
  expect(pollEvery(changing, 0, PATIENCE_MS)).toBe(5_000);
  expect(pollEvery(DOC, 0, 1)).toBeGreaterThan(5_000);
  expect(isLate(changing, 0, PATIENCE_MS - 1)).toBe(false);
  expect(isLate(changing, 0, PATIENCE_MS)).toBe(true);
  expect(isLate(DOC, 0, PATIENCE_MS)).toBe(false);
  expect(isLate(changing, null, PATIENCE_MS)).toBe(false);
});

it("finds the commands in what the gateway says", () => {
  expect(commandsIn(READ_ONLY, "1.1.0")).toEqual(["doctorai models activate tumor 1.1.0"]);
  expect(commandsIn("MODEL_VERSION=1.0.0 is set")).toEqual([]);
  expect(commandsIn(null)).toEqual([]);
});
