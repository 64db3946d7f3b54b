import { act, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it, vi } from "vitest";
import { Refused } from "../../api/client";
import { predict, upload } from "../../api/upload";
import { useAnalyses } from "../../stores/analyses";
import { ME, PREDICTION, problem, show, signedIn } from "../../test/answers";
import { later } from "../../test/later";
import View from ".";

vi.mock("../../api/upload");
vi.mock("./pixels", () => {
  const data = Uint8ClampedArray.from({ length: 16 * 16 * 4 }, (_, at) => ((at >> 2) % 3) * 100);
  return { pixelsOf: async () => ({ width: 224, height: 224, copy: { data, width: 16, height: 16 } }) };
});

const MODELS = [
  { model: "chatbot", service: "chatbot", ready: true, languages: ["en"] },
  { model: "tumor", service: "tumor", ready: true, labels: { glioma: {}, no_tumor: {} } },
  { model: "xray", service: "xray", ready: true },
  { model: "fundus", service: "fundus", ready: true, title: "Photos of the retina", accepts: "One photo of an eye's ground", labels: { healthy: {} } },
];
const service = (model: string, reason: string | null = null) => ({ model, ready: reason === null, reason, instances: [] });

function health(down: Record<string, string> = {}) {
  const names = ["chatbot", "tumor", "xray", "fundus"];
  return Response.json({
    models: Object.fromEntries(names.map((name) => [name, !(name in down)])),
    services: Object.fromEntries(names.map((name) => [name, service(name, down[name] ?? null)])),
  });
}

const ANSWERS = {
  "/api/models": () => Response.json({ models: MODELS }),
  "/api/health": () => health(),
  "/api/page": () => Response.json({ max_image_size: 10 * 1024 * 1024 }),
  "/api/me": () => Response.json({ ...ME, role: "clinician" }),
};

let told = 0;
function jpeg(name: string): File {
  return new File([Uint8Array.from([0xff, 0xd8, 0xff, (told += 1)])], name, { type: "image/jpeg" });
}

async function opened(answers: Parameters<typeof signedIn>[0] = {}) {
  await signedIn({ ...ANSWERS, ...answers });
  show(<View />);
  return screen.findByRole("radiogroup", { name: "What is on the picture?" });
}

function chooser(): HTMLInputElement {
  const found = document.querySelector<HTMLInputElement>("input[type=file][multiple]");
  if (!found) throw new Error("no picker");
  return found;
}

async function give(...files: File[]): Promise<void> {
  await userEvent.setup({ applyAccept: false }).upload(chooser(), files);
}

beforeEach(() => {
  vi.mocked(predict).mockReset().mockResolvedValue(PREDICTION);
  vi.mocked(upload).mockReset();
});

it("has a card for each model that takes pictures, the operator's own, too", async () => {
  const group = await opened();
  expect(within(group).getAllByRole("radio").map((radio) => radio.closest("label")?.querySelector(".analyse-name")?.textContent)).toEqual([
    "Chest x-ray",
    "Brain MRI",
    "Photos of the retina",
  ]);
  expect(within(group).getByText("Glioma and No tumour")).toBeDefined();
  expect(within(group).getByRole("link", { name: "More about this model: Brain MRI" }).getAttribute("href")).toBe("/models/tumor");
});

it("says why a model cannot be chosen, and lets it be when it is back", async () => {
  const down = { tumor: "no instance has announced itself" };
  let isDown = true;
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const group = await opened({ "/api/health": () => health(isDown ? down : {}) });
  const brain = () => within(group).getByRole<HTMLInputElement>("radio", { name: /Brain MRI/ });
  await waitFor(() => expect(brain().disabled).toBe(true));
  expect(within(group).getByText("It is not running.")).toBeDefined();
  expect(within(group).queryByText(down.tumor)).toBeNull();
  isDown = false;
  await act(() => vi.advanceTimersByTimeAsync(5000));
  await waitFor(() => expect(brain().disabled).toBe(false));
});

it("goes from the model to the result by keyboard alone", async () => {
  await opened();
  const user = userEvent.setup();
  act(() => screen.getByRole("radio", { name: /Chest/ }).focus());
  await user.keyboard("{ArrowRight}");
  expect(screen.getByRole<HTMLInputElement>("radio", { name: /Brain MRI/ }).checked).toBe(true);
  const picked = vi.spyOn(chooser(), "click");
  for (let at = 0; at < 6 && document.activeElement?.textContent !== "Choose files"; at += 1) await user.tab();
  await user.keyboard("{Enter}");
  expect(picked).toHaveBeenCalled();
  await give(jpeg("a.jpg"));
  const row = await screen.findByRole("button", { name: /a\.jpg.*Glioma, 90%/ });
  act(() => row.focus());
  await user.keyboard("{Enter}");
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("heading", { name: "Result: a.jpg" })));
  expect(screen.getByText("A glioma.")).toBeDefined();
  expect(vi.mocked(predict)).toHaveBeenCalledWith("tumor", expect.any(File), "a.jpg", expect.anything());
});

it("shows the first result by itself, and reads it out", async () => {
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Brain MRI/ }));
  await give(jpeg("a.jpg"));
  expect(await screen.findByRole("heading", { name: "Result: a.jpg" })).toBeDefined();
  expect(screen.getAllByRole("status").map((status) => status.textContent)).toContain("a.jpg: Glioma, 90%");
});

it.each([
  [true, "Result: a.jpg"],
  [false, null],
])("goes to the first result on a phone (%s) only", async (isPhone, focused) => {
  vi.spyOn(window, "matchMedia").mockImplementation((query) => ({ matches: isPhone && query.includes("40rem") }) as MediaQueryList);
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Brain MRI/ }));
  await give(jpeg("a.jpg"));
  const heading = await screen.findByRole("heading", { name: "Result: a.jpg" });
  expect(document.activeElement === heading ? heading.textContent : null).toBe(focused);
});

it("keeps pictures that were given before their kind was chosen", async () => {
  await opened();
  await give(jpeg("a.jpg"), jpeg("b.jpg"));
  const notice = screen.getByText("2 pictures wait: say below what is on them, then send them.");
  expect(notice.compareDocumentPosition(screen.getByRole("radiogroup"))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  expect(predict).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("c.jpg"));
  expect(predict).not.toHaveBeenCalled();
  await userEvent.click(screen.getByRole("button", { name: "Analyse 3 pictures: Chest x-ray" }));
  await waitFor(() => expect(vi.mocked(predict).mock.calls.map(([model, , name]) => [model, name])).toEqual(["a.jpg", "b.jpg", "c.jpg"].map((name) => ["xray", name])));
  expect(screen.queryByText(/pictures wait/)).toBeNull();
  expect(document.activeElement?.textContent).toBe("Give it the pictures");
});

it("sends what waits to the model that the arrow keys come to, and to none that they pass", async () => {
  await opened();
  await give(jpeg("a.jpg"));
  const user = userEvent.setup();
  act(() => screen.getByRole("radio", { name: /Chest/ }).focus());
  await user.keyboard("{ArrowRight}{ArrowRight}");
  const send = screen.getByRole("button", { name: "Analyse 1 picture: Photos of the retina" });
  for (let at = 0; at < 6 && document.activeElement !== send; at += 1) await user.tab();
  expect(predict).not.toHaveBeenCalled();
  await user.keyboard("{Enter}");
  await waitFor(() => expect(vi.mocked(predict).mock.calls.map(([model]) => model)).toEqual(["fundus"]));
});

it("says in a sentence why a file is not sent", async () => {
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  const large = jpeg("large.jpg");
  Object.defineProperty(large, "size", { value: 12 * 1024 * 1024 });
  await give(large, new File(["\0\0\0\x18ftypheic"], "IMG_1.heic"));
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("large.jpg This picture has 12 MB; the limit is 10 MB.");
  await waitFor(() => expect(alert.textContent).toContain("IMG_1.heic This is a HEIC photo"));
  expect(predict).not.toHaveBeenCalled();
  await userEvent.click(within(alert).getByRole("button", { name: "Understood" }));
  expect(screen.queryByRole("alert")).toBeNull();
  expect(document.activeElement?.textContent).toBe("Give it the pictures");
});

it("takes what is pasted, but not out of a text field", async () => {
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  const paste = (target: EventTarget) => {
    const event = new Event("paste", { bubbles: true, cancelable: true });
    Object.assign(event, { clipboardData: { files: [jpeg("image.png")] } });
    target.dispatchEvent(event);
  };
  const field = document.body.appendChild(document.createElement("textarea"));
  act(() => paste(field));
  field.remove();
  act(() => paste(document.body));
  await waitFor(() => expect(predict).toHaveBeenCalledOnce());
});

it("takes nothing that is pasted into a dialog", async () => {
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await userEvent.click(screen.getByRole("button", { name: "Take a photo" }));
  const event = new Event("paste", { bubbles: true, cancelable: true });
  Object.assign(event, { clipboardData: { files: [jpeg("image.png")] } });
  act(() => void screen.getByRole("dialog").dispatchEvent(event));
  expect(event.defaultPrevented).toBe(false);
});

it("keeps the result that is read until a new one is there, and says why another is not", async () => {
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("a.jpg"));
  await screen.findByRole("heading", { name: "Result: a.jpg" });
  vi.mocked(predict).mockRejectedValueOnce(new Refused("PAYLOAD_TOO_LARGE", "8000×8000 pixels; the limit is 40000000", 413));
  await give(jpeg("b.jpg"));
  const failed = await screen.findByRole("button", { name: /b\.jpg.*too many bytes or pixels/ });
  expect(screen.getByRole("heading", { name: "Result: a.jpg" })).toBeDefined();
  await userEvent.click(failed);
  expect(screen.getByRole("heading", { name: "Result: b.jpg" })).toBeDefined();
  expect(screen.getByText("8000×8000 pixels; the limit is 40000000")).toBeDefined();
  await give(jpeg("c.jpg"));
  expect(await screen.findByRole("heading", { name: "Result: c.jpg" })).toBeDefined();
});

it("takes the result from nobody who writes a disagreement", async () => {
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("a.jpg"));
  await userEvent.click(await screen.findByRole("button", { name: "Disagree" }));
  const note = screen.getByRole("textbox");
  await give(jpeg("b.jpg"));
  await screen.findByRole("button", { name: /b\.jpg.*Glioma/ });
  expect(note.isConnected).toBe(true);
  await userEvent.click(screen.getByRole("button", { name: "Cancel" }));
  expect(screen.getByRole("heading", { name: "Result: a.jpg" })).toBeDefined();
});

it("shows how much is sent, and cancels", async () => {
  const sending = later<typeof PREDICTION>();
  vi.mocked(predict).mockImplementation((_, __, ___, { onSent, signal }) => {
    onSent?.(0.5);
    signal.addEventListener("abort", () => sending.reject(new DOMException("", "AbortError")));
    return sending.promise;
  });
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("a.jpg"));
  const bar = await screen.findByRole("progressbar", { name: "How much of a.jpg was sent" });
  expect(bar.getAttribute("aria-valuenow")).toBe("50");
  await userEvent.click(screen.getByRole("button", { name: "Cancel a.jpg" }));
  expect(screen.getByText("Cancelled")).toBeDefined();
  const retry = screen.getByRole("button", { name: "Try a.jpg again" });
  await waitFor(() => expect(document.activeElement).toBe(retry));
  const clock = vi.spyOn(Date, "now").mockReturnValue(Date.now());
  await userEvent.click(screen.getByRole("button", { name: "Remove a.jpg" })); // the second of two clicks
  expect(useAnalyses.getState().items).toHaveLength(1);
  clock.mockReturnValue(Date.now() + 600);
  await userEvent.click(retry);
  await waitFor(() => expect(document.activeElement).toBe(screen.getByRole("button", { name: "Cancel a.jpg" })));
  await userEvent.click(screen.getByRole("button", { name: "Cancel a.jpg" }));
  clock.mockReturnValue(Date.now() + 600);
  await userEvent.click(screen.getByRole("button", { name: "Remove a.jpg" }));
  expect(useAnalyses.getState().items).toEqual([]);
});

it("says which model is down, and goes on by itself when it is back", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  vi.mocked(predict).mockRejectedValueOnce(new Refused("MODEL_UNAVAILABLE", "", 503));
  await opened();
  const user = userEvent.setup({ advanceTimers: vi.advanceTimersByTime });
  await user.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("a.jpg"));
  expect(await screen.findByText("The model “Chest x-ray” does not work just now. Goes on by itself.")).toBeDefined();
  await act(() => vi.advanceTimersByTimeAsync(6000));
  expect(await screen.findByRole("button", { name: /a\.jpg.*Glioma/ })).toBeDefined();
});

it("asks which model a picture of another kind is for, and gives it to that one", async () => {
  vi.mocked(predict).mockResolvedValueOnce({ ...PREDICTION, decision: "abstained", result: null, abstain_reason: "out_of_distribution" });
  const suggestions = [
    { model: "tumor", ood_score: 0.1, plausible: true },
    { model: "xray", ood_score: 0.9, plausible: false },
  ];
  vi.mocked(upload).mockResolvedValue({ request_id: "r", suggestions, unavailable: ["fundus"], timestamp: "" });
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("a.jpg"));
  expect(await screen.findByText("This looks more like a picture for:")).toBeDefined();
  expect(screen.getByText("These could not be asked: fundus.")).toBeDefined();
  await userEvent.click(screen.getByRole("button", { name: "Analyse it there: Brain MRI" }));
  expect(await screen.findByText("A glioma.")).toBeDefined();
  expect(vi.mocked(predict).mock.calls.map(([model]) => model)).toEqual(["xray", "tumor"]);
  expect(vi.mocked(upload).mock.calls.map(([path]) => path)).toEqual(["/api/suggest"]);
});

it("says that no model is for a picture", async () => {
  vi.mocked(predict).mockResolvedValueOnce({ ...PREDICTION, decision: "abstained", result: null, abstain_reason: "out_of_distribution" });
  vi.mocked(upload).mockResolvedValue({ request_id: "r", suggestions: [{ model: "tumor", ood_score: 1, plausible: false }], unavailable: [], timestamp: "" });
  await opened();
  await userEvent.click(screen.getByRole("radio", { name: /Chest/ }));
  await give(jpeg("a.jpg"));
  expect(await screen.findByText("None of the models knows pictures like this one.")).toBeDefined();
});

it("takes no pictures of somebody who may only look", async () => {
  await opened({ "/api/me": () => Response.json({ ...ME, role: "viewer" }) });
  expect(await screen.findByText(/Ask an administrator for the role “Clinician”/)).toBeDefined();
  expect(screen.queryByRole("button", { name: "Choose files" })).toBeNull();
});

it("says when the models cannot be asked for", async () => {
  await signedIn({ ...ANSWERS, "/api/models": () => problem(500, "INTERNAL_ERROR") });
  show(<View />);
  expect((await screen.findByRole("alert")).textContent).toContain("A fault in DoctorAI");
});
