import { screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it } from "vitest";
import type { Prediction } from "../../api/client";
import { queries } from "../../app/queries";
import { session } from "../../session/session";
import { useAnalyses } from "../../stores/analyses";
import { useObjections } from "../../stores/objections";
import { answered, stored } from "../../test/analyses";
import { ME, problem, show, signedIn } from "../../test/answers";
import { Result } from "./Result";

const PATH = "POST /api/predictions/r/feedback";

function Shown({ id }: { id: string }) {
  const analysis = useAnalyses((all) => all.items.find((item) => item.id === id));
  return analysis ? <Result analysis={analysis} /> : null;
}

async function given(answer: () => Response, changes: Partial<Prediction> = {}) {
  const bodies: unknown[] = [];
  await signedIn({
    [PATH]: async (request) => {
      bodies.push(await request.json());
      return answer();
    },
  });
  const { id } = answered(changes);
  show(<Shown id={id} />);
  await screen.findByRole("button", { name: "Agree" });
  return { id, bodies };
}

const kept = () => Response.json({}, { status: 201 });
async function choose(label: string): Promise<void> {
  await userEvent.click(screen.getByRole("button", { name: /What would be right/ }));
  await userEvent.click(screen.getByRole("option", { name: label }));
}
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

it("keeps that somebody agrees, and lets them change it", async () => {
  const { id, bodies } = await given(kept);
  await press("Agree");
  expect(await screen.findByText("Kept: you agree.")).toBeTruthy();
  expect(stored(id).verdict).toBe("agree");
  await press("Change");
  await press("Unsure");
  expect(await screen.findByText("Kept: you are unsure.")).toBeTruthy();
  expect(bodies).toEqual([{ verdict: "agree" }, { verdict: "unsure" }]);
});

it("takes what would be right, and a note", async () => {
  const { id, bodies } = await given(kept);
  await press("Disagree");
  expect(bodies).toEqual([]);
  await userEvent.click(screen.getByRole("button", { name: /What would be right/ }));
  const labels = screen.getAllByRole("option").map((option) => option.textContent);
  expect(labels).toEqual(["Meningioma", "No tumour", "Pituitary tumour", "Something else"]);
  await userEvent.click(screen.getByRole("option", { name: "Meningioma" }));
  expect(screen.getByLabelText("Note (optional)").getAttribute("spellcheck")).toBe("false");
  await userEvent.type(screen.getByLabelText("Note (optional)"), "Histology says so.");
  await press("Send");
  expect(await screen.findByText("Kept: you disagree.")).toBeTruthy();
  expect(bodies).toEqual([{ verdict: "disagree", label: "meningioma", note: "Histology says so." }]);
  expect(screen.getByText("Right would be: Meningioma.")).toBeTruthy();
  expect(screen.getByText("Your note was kept, too.")).toBeTruthy();
  expect(stored(id).verdict).toBe("disagree");
});

it("takes the focus along", async () => {
  await given(kept);
  const focused = () => document.activeElement?.textContent;
  await press("Disagree");
  expect(document.activeElement?.className).toBe("choice");
  await press("Cancel");
  expect(focused()).toBe("Agree");
  await press("Agree");
  await expect.poll(focused).toBe("Change");
});

it("asks for what would be right before it sends anything", async () => {
  const { bodies } = await given(kept);
  await press("Disagree");
  await press("Send");
  expect(screen.getByRole("alert").textContent).toContain("Choose what would be right");
  await choose("Something else");
  expect(screen.queryByRole("alert")).toBeNull();
  await press("Send");
  expect(await screen.findByText("Kept: you disagree.")).toBeTruthy();
  expect(bodies).toEqual([{ verdict: "disagree", label: "other", note: null }]);
});

it("loses nothing that was written when it cannot be kept", async () => {
  const { id } = await given(() => problem(503, "FEEDBACK_UNAVAILABLE"));
  await press("Disagree");
  await choose("Something else");
  await userEvent.type(screen.getByLabelText("Note (optional)"), "Odd.");
  await press("Send");
  expect((await screen.findByRole("alert")).textContent).toContain("cannot be kept");
  expect(screen.getByLabelText<HTMLTextAreaElement>("Note (optional)").value).toBe("Odd.");
  expect(stored(id).verdict).toBeNull();
});

it("keeps a half-written note while another view is open, and none of it after the session", async () => {
  const { id } = await given(kept);
  await press("Disagree");
  await userEvent.type(screen.getByLabelText("Note (optional)"), "Half");
  expect(useObjections.getState().of[id]?.note).toBe("Half");
  session.forget();
  expect(useObjections.getState().of).toEqual({});
});

it("asks of an abstention whether it was right", async () => {
  await given(kept, { result: null, decision: "abstained", abstain_reason: "low_confidence" });
  expect(screen.getByRole("heading", { name: "Was it right to give no answer?" })).toBeTruthy();
});

it("asks nobody who may not say", async () => {
  await signedIn({ "/api/me": () => Response.json({ ...ME, role: "viewer" }) });
  show(<Shown id={answered().id} />);
  await expect.poll(() => queries.getQueryData(["me"])).toBeTruthy();
  expect(screen.queryByRole("heading", { name: "Was this right?" })).toBeNull();
});
