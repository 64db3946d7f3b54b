import { screen, within } from "@testing-library/react";
import { expect, it, vi } from "vitest";
import type { Health } from "../../api/client";
import { queries } from "../../app/queries";
import { speak } from "../../i18n";
import { ME, show, signedIn } from "../../test/answers";
import View from "./index";

const INSTANCE = {
  id: "xray-1",
  service: "xray",
  model: "xray",
  address: "http://xray:8080",
  version: "1.0.0",
  digest: null,
  ready: false,
  reason: "the bundle is odd",
  notice: null,
  beside: { canary: "1.1.0" },
  in_flight: 3,
  rss_bytes: 123_000_000,
  last_seen: "2026-01-01T00:00:00Z",
};

function health(changes: Partial<Health> = {}): Health {
  return {
    status: "degraded",
    timestamp: "2026-01-01T00:00:00Z",
    version: "0.1.0",
    uptime: 7_300,
    models: { tumor: true, xray: false, mine: true },
    dependencies: { redis: { status: "up", latency_ms: 0.4, reason: null }, audit: { status: "up", reason: null } },
    system: { cpu_percent: 12, memory_percent: 41, disk_percent: 30, load: [0.5, 0.4, 0.3] },
    services: {
      tumor: { model: "tumor", ready: true, reason: null, instances: [] },
      xray: { model: "xray", ready: false, reason: "the model is loading", instances: [INSTANCE] },
      mine: { model: "mine", ready: true, reason: null, instances: [] },
    },
    summary: "2/3",
    disclaimer: "",
    ...changes,
  };
}

const POINT = { at: "2026-01-01T00:00:00Z", requests: 6, errors: 1, p50_ms: 120, p95_ms: 300 };
const QUIET = { configured: true, reachable: true, alerts: [] };

function answers(role: string, now: () => Response = () => Response.json(health()), alerts: object = QUIET) {
  return signedIn({
    "/api/me": () => Response.json({ ...ME, role }),
    "/api/health": now,
    "/api/alerts": () => Response.json(alerts),
    "/api/activity": () => Response.json({ step_s: 60, models: { tumor: [POINT, POINT, { ...POINT, p50_ms: 140 }] } }),
    "/api/page": () => Response.json({ grafana_url: "https://grafana.clinic.example", alertmanager_url: null, runbooks_url: "javascript:alert(1)" }),
  });
}

/** The tile of the model that is called `name`. */
async function tile(name: string): Promise<HTMLElement> {
  return (await screen.findByRole("link", { name })).closest("li") as HTMLElement;
}

it("tells a clinician in words what works, what does not and why, and no more", async () => {
  await answers("clinician");
  show(<View />);
  expect(await screen.findByRole("heading", { name: "Some of it does not work" })).toBeDefined();
  expect(screen.getByText(/Not possible just now: Chest x-ray\./)).toBeDefined();
  expect((await tile("Chest x-ray")).textContent).toContain("It is just starting.");
  expect((await tile("mine")).textContent).toContain("works");
  for (const only of ["Alerts", "Instances", "The last hour", "Gateway"]) expect(screen.queryByRole("heading", { name: only })).toBeNull();
  expect(screen.queryByRole("link", { name: /Grafana/ })).toBeNull();
});

it("says how long an answer takes, in the picture's text, too", async () => {
  await answers("viewer");
  show(<View />);
  const text = "Brain MRI: Usually takes about 120 ms (median of the last hour, repeated pictures included). Now about 140 ms.";
  expect(await screen.findByRole("img", { name: text })).toBeDefined();
  expect((await tile("Brain MRI")).textContent).toContain("About 6 requests a minute");
  expect((await tile("mine")).textContent).toContain("Not asked in the last hour.");
});

it("shows an administrator every instance, the times, the machine, and the links that are links", async () => {
  await answers("admin");
  show(<View />);
  const row = await screen.findByRole("row", { name: /xray-1/ });
  for (const text of ["xray-1", "http://xray:8080", "1.1.0", "the bundle is odd", "123 MB"]) expect(row.textContent).toContain(text);
  const times = await screen.findByRole("table", { name: "The last hour" });
  expect(within(times).getByRole("row", { name: /Brain MRI 140 ms 300 ms 120 ms 18 3/ })).toBeDefined();
  expect(screen.getByText("2 hr")).toBeDefined();
  expect(await screen.findByRole("link", { name: /Grafana/ })).toBeDefined();
  expect(screen.queryByRole("link", { name: /Runbooks/ })).toBeNull();
});

it.each([
  [84, null],
  [85, "filling up"],
  [96, "nearly full"],
])("says of a disk that is %i%% full: %s", async (disk_percent, words) => {
  await answers("admin", () => Response.json(health({ system: { ...health().system, disk_percent } })));
  show(<View />);
  const disk = (await screen.findByText("Disk")).parentElement;
  expect(disk?.textContent).toBe(`Disk${disk_percent}%${words ? ` ${words}` : ""}`);
});

it("says what it means that Redis and the audit log are down", async () => {
  const dependencies: Health["dependencies"] = { redis: { status: "down", latency_ms: null, reason: "refused" }, audit: { status: "down", reason: "disk full" } };
  await answers("clinician", () => Response.json(health({ dependencies })));
  show(<View />);
  expect((await screen.findAllByText(/Sign-in is not possible just now/)).length).toBeGreaterThan(0);
  expect(screen.getAllByText(/waits in memory until it can/).length).toBeGreaterThan(0);
  expect(screen.queryByText("disk full")).toBeNull();
});

const ALERT = {
  name: "ModelUnavailable",
  severity: "critical",
  summary: "xray cannot be asked",
  description: "No instance of xray is ready.",
  model: "xray",
  since: "2026-01-01T00:00:00Z",
  silenced: true,
  runbook: "https://grafana.clinic.example/runbooks/ModelUnavailable.md",
  dashboard: null,
};

it("shows what fires, how bad, of what, and where it says what to do", async () => {
  await answers("admin", undefined, { ...QUIET, alerts: [ALERT] });
  show(<View />);
  const alert = (await screen.findByText("xray cannot be asked")).closest("li") as HTMLElement;
  for (const text of ["Critical", "Chest x-ray", "silenced", "Since Jan 1, 2026", "No instance of xray is ready."]) expect(alert.textContent).toContain(text);
  const link = within(alert).getByRole("link", { name: /What to do.*ModelUnavailable/ });
  expect(link.getAttribute("href")).toBe(ALERT.runbook);
  expect(within(alert).queryByRole("link", { name: /Dashboard/ })).toBeNull();
});

it.each([
  [{ configured: false, reachable: null, alerts: [] }, "This system has no Alertmanager that could be asked."],
  [{ configured: true, reachable: false, alerts: [] }, "Alertmanager does not answer, so nobody can say whether there are alerts."],
])("says why there are no alerts to see", async (alerts, text) => {
  await answers("admin", undefined, alerts);
  show(<View />);
  expect(await screen.findByText(text)).toBeDefined();
  expect(screen.queryByText("No alerts.")).toBeNull();
});

it("keeps showing the last that is known when the gateway does not answer", async () => {
  let isThere = true;
  const now = () => (isThere ? Response.json(health()) : Response.json({ code: "MODEL_UNAVAILABLE" }, { status: 503 }));
  await answers("clinician", now);
  show(<View />);
  await screen.findByRole("heading", { name: "Some of it does not work" });
  isThere = false;
  await queries.refetchQueries({ queryKey: ["health"] });
  expect(await screen.findByText("DoctorAI does not answer just now. This is the last that is known.")).toBeDefined();
  expect(screen.getByText(/^As of /)).toBeDefined();
  expect(screen.getByRole("heading", { name: "Last known: Some of it does not work" })).toBeDefined();
  expect(screen.queryByText(/Everything else goes on/)).toBeNull();
});

it("announces that a model has come back, and nothing when nothing has changed", async () => {
  let now = health();
  await answers("clinician", () => Response.json(now));
  show(<View />);
  await screen.findByText("It is just starting.");
  await queries.refetchQueries({ queryKey: ["health"] });
  const told = () => screen.getAllByRole("status").map((one) => one.textContent).join("");
  expect(told()).toBe("");
  now = health({ status: "healthy", services: { ...now.services, xray: { model: "xray", ready: true, reason: null, instances: [] } } });
  await queries.refetchQueries({ queryKey: ["health"] });
  await expect.poll(told).toBe("Chest x-ray: works again.");
});

it("tells a reason that it has no words for in English, also in Arabic", async () => {
  await speak("ar");
  const { xray } = health().services;
  const services = { xray: { ...xray, reason: "the moon is full" } } as Health["services"];
  await answers("clinician", () => Response.json(health({ services })));
  show(<View />);
  expect((await screen.findByText("the moon is full")).lang).toBe("en");
  expect(screen.getByRole("heading", { name: "جزء من النظام لا يعمل" })).toBeDefined();
});

it("asks anew only while it is looked at", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const asked = await answers("admin");
  const alerts = () => asked.mock.calls.filter(([request]) => (request as Request).url.endsWith("/api/alerts")).length;
  const { unmount } = show(<View />);
  await expect.poll(alerts).toBe(1);
  await vi.advanceTimersByTimeAsync(21_000);
  expect(alerts()).toBe(2);
  unmount();
  await vi.advanceTimersByTimeAsync(60_000);
  expect(alerts()).toBe(2);
});
