import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import { App } from "../App";
import { session } from "../auth/session";
import { Answer } from "../components/Answer";
import i18next from "../i18n";
import { PREDICTION, problem, serve, tokens } from "../test/answers";

function show(): void {
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <App />
    </QueryClientProvider>,
  );
}

async function signIn(): Promise<void> {
  await userEvent.type(screen.getByLabelText("User name"), "ada");
  await userEvent.type(screen.getByLabelText("Password"), "a password");
  await userEvent.click(screen.getByRole("button", { name: "Sign in" }));
}

it("says that a password is wrong", async () => {
  serve({ "/api/token": () => problem(401, "UNAUTHORIZED") });
  show();
  await signIn();
  expect((await screen.findByRole("alert")).textContent).toContain("wrong");
});

it("says that nobody answers", async () => {
  serve({});
  show();
  await signIn();
  expect((await screen.findByRole("alert")).textContent).toContain("does not answer");
});

it("asks for a picture once somebody is signed in, and asks for the password again when the session has ended", async () => {
  serve({
    "/api/token": () => tokens("one"),
    "/api/health": () => problem(503, "OVERLOADED"),
    "/api/predict/tumor": () => problem(401, "UNAUTHORIZED"),
  });
  show();
  await signIn();
  const browse = await screen.findByText("Choose a file");
  const picker = browse.parentElement?.querySelector("input[type=file]") as HTMLInputElement;
  await userEvent.upload(picker, new File(["x"], "a.png", { type: "image/png" }));
  await userEvent.click(screen.getByRole("button", { name: "Analyse" }));
  expect(await screen.findByLabelText("Password")).toBeDefined();
  expect(session.active()).toBe(false);
});

it("gives the most probable class first", () => {
  render(<Answer prediction={PREDICTION} picture="data:," />);
  expect(screen.getByRole("heading").textContent).toBe("Glioma");
  expect(screen.getAllByRole("listitem").map((item) => item.textContent)).toEqual([
    "Glioma90%",
    "Meningioma8%",
    "No tumour1%",
    "Pituitary tumour1%",
  ]);
});

it("gives a reason and no probabilities where the model abstains", () => {
  const abstained = { ...PREDICTION, result: null, decision: "abstained", abstain_reason: "out_of_distribution" } as const;
  render(<Answer prediction={abstained} picture="data:," />);
  expect(screen.getByRole("heading").textContent).toContain("does not look like");
  expect(screen.queryByRole("listitem")).toBeNull();
});

it("turns around for Arabic", async () => {
  show();
  await userEvent.click(screen.getByRole("button", { name: "العربية" }));
  expect(document.documentElement.dir).toBe("rtl");
  expect(screen.getByRole("heading", { level: 2 }).textContent).toBe(i18next.t("signIn.title", { lng: "ar" }));
});
