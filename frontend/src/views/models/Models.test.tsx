import { screen, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { speak } from "../../i18n";
import arabic from "../../i18n/ar/texts.json";
import english from "../../i18n/en/texts.json";
import { problem, show, signedIn } from "../../test/answers";
import View from "./index";

const CARD = {
  ready: true,
  model: "xray",
  service: "xray",
  title: "Pneumonia on a young child's chest X-ray",
  version: "1.0.0",
  digest: "ab".repeat(32),
  created: "2026-01-01",
  runtime: "litert",
  accepts: "One frontal chest X-ray.",
  labels: { normal: { title: "", description: "Nothing pointed out.", recommendation: "", source: "WHO" }, pneumonia: {} },
  not_for: ["Adults."],
  limits: ["One hospital."],
  inputs: { image: { kind: "image", width: 224, height: 224 } },
  trust: { image: { calibration: null, conformal: { coverage: 0.9 }, guard: null, quality: null } },
  metrics: {
    test: {
      labels: ["normal", "pneumonia"],
      samples: 250,
      accuracy: { value: 0.88, low: 0.836, high: 0.92 },
      recall: { normal: { value: 0.768, low: 0.69, high: 0.84 }, pneumonia: { value: 0.992, low: 0.975, high: 1 } },
      confusion: [[96, 29], [1, 124]],
    },
  },
  provenance: { data: { source: "Kermany", licence: "not stated" } },
  plots: [{ name: "confusion", title: "Confusion matrix" }, { name: "own", title: "Something else" }],
  disclaimer: "Education only.",
  something_new: { deep: [1, 2, 3] },
};
const HEALTH = { models: { xray: true, tumor: false }, services: {}, status: "degraded" };
const SVG = '<svg xmlns="http://www.w3.org/2000/svg"/>';

function open(path: string, card: () => Response = () => Response.json(CARD)) {
  history.replaceState(null, "", path);
  return signedIn({
    "/api/health": () => Response.json(HEALTH),
    "/api/models": () => Response.json({ models: [CARD, { model: "tumor", service: "tumor", ready: false, reason: "?" }, { model: "mine", title: "My own", ready: true }] }),
    "/api/models/xray": card,
    "/api/models/xray/plots/confusion": () => new Response(SVG, { headers: { "Content-Type": "image/svg+xml" } }),
    "/api/models/xray/plots/own": () => problem(404, "NOT_FOUND"),
  });
}

/** Elements come into sight when the test says so (happy-dom's own observer never tells); at once with `isAtOnce`. */
function watch(isAtOnce: boolean) {
  const seen: (() => void)[] = [];
  class Observer {
    constructor(private readonly tell: (found: { isIntersecting: boolean }[]) => void) {}
    observe(): void {
      const show = () => this.tell([{ isIntersecting: true }]);
      if (isAtOnce) show();
      else seen.push(show);
    }
    disconnect(): void {}
  }
  vi.stubGlobal("IntersectionObserver", Observer);
  return seen;
}

beforeEach(() => void watch(true));
afterEach(() => vi.unstubAllGlobals());

it("lists what there is, what for, how good, and what does not work", async () => {
  await open("/models");
  show(<View />);
  const tile = async (name: string) => (await screen.findByRole("link", { name })).closest("li") as HTMLElement;
  const xray = (await tile("Chest x-ray")).textContent;
  for (const text of ["88.0%", "83.6%\u00a0to\u00a092.0%", "250 cases", "Never for: adults"]) expect(xray).toContain(text);
  await expect.poll(async () => (await tile("Brain MRI")).textContent).toContain("does not work just now");
  expect((await tile("mine")).textContent).toContain("My own");
  expect((await tile("mine")).textContent).toContain("It was not measured");
});

it("shows one card: what never, what for, how good by class, and everything else as it came", async () => {
  await open("/models/xray");
  show(<View />);
  expect(await screen.findByRole("heading", { level: 2, name: "Chest x-ray" })).toBeDefined();
  const never = (await screen.findByRole("heading", { name: "Must never be used for" })).closest("section") as HTMLElement;
  expect(never.textContent).toContain("Adults.");
  const byClass = screen.getByRole("table", { name: "Class by class" });
  expect(within(byClass).getByRole("row", { name: /Pneumonia 99.2% .* 125 76.8% .* 125/ })).toBeDefined();
  expect(screen.getByText(/probabilities were not calibrated/)).toBeDefined();
  expect(screen.getByText(/meant to hold the truth in 90% of cases/)).toBeDefined();
  expect(screen.getByText(/"something_new"/)).toBeDefined();
  await screen.findByRole("img"); // and the other plot's refusal: nothing is asked after the test
  await screen.findByRole("alert");
});

it("shows a plot with words beside it, asks for the card's version, and frees it when it is left", async () => {
  const made = vi.spyOn(URL, "createObjectURL");
  const freed = vi.spyOn(URL, "revokeObjectURL");
  const asked = await open("/models/xray");
  const { unmount } = show(<View />);
  const image = await screen.findByRole("img", { name: /What was true against what the model said/ });
  expect((image as HTMLImageElement).src).toBe(made.mock.results[0]?.value);
  const request = asked.mock.calls.map(([one]) => one as Request).find(({ url }) => url.includes("/plots/confusion"));
  expect(new URL(request?.url ?? "").search).toBe("?version=1.0.0");
  expect(request?.headers.get("Authorization")).toBe("Bearer access-one");
  unmount();
  expect(freed).toHaveBeenCalledWith(made.mock.results[0]?.value);
});

it("says that a plot is not there without losing the card", async () => {
  await open("/models/xray");
  show(<View />);
  expect((await screen.findByRole("alert")).textContent).toContain("nothing of that name");
  expect(screen.getByRole("heading", { name: "Limits" })).toBeDefined();
});

it("asks for no plot before it is nearly seen", async () => {
  const seen = watch(false);
  const asked = await open("/models/xray");
  show(<View />);
  await screen.findByRole("heading", { name: "Plots" });
  const plots = () => asked.mock.calls.filter(([one]) => (one as Request).url.includes("/plots/")).length;
  expect(plots()).toBe(0);
  seen[0]?.();
  await screen.findByRole("img");
  expect(plots()).toBe(1);
});

it("says what it is for even when the model cannot be asked", async () => {
  await open("/models/xray", () => problem(503, "MODEL_UNAVAILABLE"));
  show(<View />);
  expect((await screen.findByRole("alert")).textContent).toContain("does not work just now");
  expect(screen.getByText(/Tells pneumonia from none/)).toBeDefined();
});

it("says in Arabic what was translated of the card", async () => {
  const never = "Ruling pneumonia out, or sending a sick child home.";
  const { description } = english.xray.classes.pneumonia;
  const labels = { normal: {}, pneumonia: { ...CARD.labels.normal, description } };
  await speak("ar");
  await open("/models/xray", () => Response.json({ ...CARD, not_for: [never], labels, disclaimer: english.common.disclaimer }));
  show(<View />);
  const line = await screen.findByText("نفي الالتهاب الرئوي، أو إعادة طفل مريض إلى بيته.");
  expect(line.closest("[dir=ltr]")).toBeNull();
  expect(screen.queryByText(never)).toBeNull();
  expect(screen.getByText(arabic.xray.classes.pneumonia.description)).toBeDefined();
  expect(screen.getByText(arabic.common.disclaimer)).toBeDefined();
  await screen.findByRole("img"); // nothing is asked after the test
  await screen.findByRole("alert");
});

it("says in Arabic that the card's sentences are English, and marks them so", async () => {
  await speak("ar");
  await open("/models/xray");
  show(<View />);
  expect((await screen.findByText("Adults.")).lang).toBe("en");
  expect(screen.getByText(/ما لم يُترجم من البطاقة/)).toBeDefined();
  expect(screen.getByRole("heading", { name: "حدوده" })).toBeDefined();
  await screen.findByRole("img"); // nothing is asked after the test
  await screen.findByRole("alert");
});
