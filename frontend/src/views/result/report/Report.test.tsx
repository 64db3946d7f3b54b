import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import { answered, mistaken } from "../../../test/analyses";
import { PREDICTION, show, signedIn } from "../../../test/answers";
import { Result } from "../Result";
import { fileName, reportDocument } from "./document";

const REFERENCE = "Ward 7 / Omar";
const PAGE = { "/api/page": () => Response.json({ version: "0.9.0" }) };

async function opened(changes: Partial<typeof PREDICTION> = {}, analysis = answered(changes)) {
  const asked = await signedIn(PAGE);
  show(<Result analysis={{ ...analysis, warnings: ["dark"] }} />);
  await userEvent.click(screen.getByRole("button", { name: "Report" }));
  const dialog = await screen.findByRole("dialog", { name: "Report" });
  await userEvent.type(within(dialog).getByLabelText("Patient reference"), REFERENCE);
  return { asked, dialog };
}

const paper = () => document.querySelector<HTMLElement>("body > .report-print");

it("has on the paper what a reader needs", async () => {
  const { dialog } = await opened();
  for (const text of [REFERENCE, "Glioma", "tumor 1.0.0", "It is dark.", "In 90% of cases", PREDICTION.disclaimer, "Signature"]) {
    expect(paper()?.textContent).toContain(text);
    expect(dialog.textContent).toContain(text);
  }
  await expect.poll(() => paper()?.textContent).toContain("0.9.0");
});

it("says beside the signature whose it is: the sheets may part", async () => {
  await opened();
  const end = paper()?.querySelector(".report-end")?.textContent;
  for (const text of [REFERENCE, PREDICTION.request_id, "Signature"]) expect(end).toContain(text);
});

it("leaves no paper behind, and no reference", async () => {
  await opened();
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  expect(paper()).toBeNull();
  await userEvent.click(screen.getByRole("button", { name: "Report" }));
  expect(screen.getByLabelText<HTMLInputElement>("Patient reference").value).toBe("");
});

it.each([
  ["low_confidence", true],
  ["image_quality", false],
  ["out_of_distribution", false],
] as const)("prints what a model computed of a picture only where it could read it: %s", async (abstain_reason, isPrinted) => {
  const explanation = { method: "shap", target: "anemia", image_png_base64: "aGVhdA==", contributions: { red: 0.5 } } as const;
  await opened({ result: null, decision: "abstained", abstain_reason, explanation });
  expect(within(paper() as HTMLElement).queryAllByAltText(/Heat map/)).toHaveLength(isPrinted ? 1 : 0);
  expect(paper()?.textContent.includes("What spoke for and against: Anaemia")).toBe(isPrinted);
  expect(paper()?.textContent.includes("+0.50")).toBe(isPrinted);
});

it("keeps the reference from the browser's spelling service and memory", async () => {
  await opened();
  const field = screen.getByLabelText("Patient reference");
  expect(["spellcheck", "autocorrect", "autocomplete"].map((name) => field.getAttribute(name))).toEqual(["false", "off", "off"]);
});

it("prints", async () => {
  const print = vi.fn();
  vi.stubGlobal("print", print);
  await opened();
  await userEvent.click(screen.getByRole("button", { name: "Print or save as PDF" }));
  expect(print).toHaveBeenCalledOnce();
  vi.unstubAllGlobals();
});

it("sends the patient reference nowhere, and keeps it nowhere", async () => {
  const opening = vi.spyOn(XMLHttpRequest.prototype, "open");
  const beacon = vi.fn();
  Object.assign(navigator, { sendBeacon: beacon });
  vi.stubGlobal("print", () => undefined);
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  const { asked } = await opened();
  await userEvent.click(screen.getByRole("button", { name: "Print or save as PDF" }));
  await userEvent.click(screen.getByRole("button", { name: "Download as JSON" }));
  await userEvent.click(screen.getByRole("button", { name: "Close" }));
  await userEvent.click(await screen.findByRole("button", { name: "Agree" }));
  expect(asked.mock.calls.length).toBeGreaterThan(1);
  for (const [request] of asked.mock.calls) expect(await told(request as Request)).not.toMatch(/omar|ward/i);
  expect(opening).not.toHaveBeenCalled();
  expect(beacon).not.toHaveBeenCalled();
  for (const place of [localStorage, sessionStorage]) expect(JSON.stringify({ ...place })).not.toMatch(/omar/i);
  expect(location.href + document.cookie).not.toMatch(/omar/i);
  vi.unstubAllGlobals();
});

async function told(request: Request): Promise<string> {
  const body = request.bodyUsed ? "" : await request.clone().text();
  return decodeURIComponent(request.url) + JSON.stringify([...request.headers]) + body;
}

it("gives on paper the reason that the screen gives, and saves what the gateway said", async () => {
  const blobs: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${blobs.push(blob as Blob)}`);
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  const analysis = mistaken();
  await opened({}, analysis);
  expect(paper()?.textContent).toContain("No answer: not a picture for this model");
  expect(paper()?.textContent).toContain("This model takes: One frontal chest X-ray");
  for (const wrong of ["too dark", "better picture", "not good enough"]) expect(paper()?.textContent).not.toContain(wrong);
  await userEvent.click(screen.getByRole("button", { name: "Download as JSON" }));
  const saved = JSON.parse((await blobs.at(-1)?.text()) ?? "") as ReturnType<typeof reportDocument>;
  expect(saved.prediction).toEqual(analysis.prediction);
});

it("saves the gateway's document with the reference, under a name without it", async () => {
  const blobs: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${blobs.push(blob as Blob)}`);
  const names: string[] = [];
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    names.push(this.download);
  });
  await opened();
  await userEvent.click(screen.getByRole("button", { name: "Download as JSON" }));
  const saved = JSON.parse((await blobs.at(-1)?.text()) ?? "") as ReturnType<typeof reportDocument>;
  expect(names).toEqual(["doctorai-2026-01-01-r.json"]);
  expect(saved.prediction).toEqual(PREDICTION);
  expect(saved.report.patient_reference).toBe(REFERENCE);
  expect(saved.report.quality_warnings).toEqual(["dark"]);
  expect(saved.report.page_version).toBe("0.9.0");
});

it("has no reference when none was written", () => {
  const made = reportDocument({ prediction: PREDICTION, warnings: [], reference: "  ", pageVersion: null, now: new Date(0) });
  expect(made.report).toEqual({
    format: 1,
    created: "1970-01-01T00:00:00.000Z",
    page_version: null,
    patient_reference: null,
    quality_warnings: [],
  });
});

it("makes a file name of any request's number", () => {
  expect(fileName({ ...PREDICTION, request_id: "../a b/c" })).toBe("doctorai-2026-01-01-.._a_b_c.json");
});
