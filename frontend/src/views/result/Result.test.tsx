import { screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, it } from "vitest";
import type { Prediction } from "../../api/client";
import arabic from "../../i18n/ar/texts.json";
import english from "../../i18n/en/texts.json";
import { speak } from "../../i18n";
import { useHandover } from "../../stores/handover";
import { useAnalyses } from "../../stores/analyses";
import { answered, mistaken, stored } from "../../test/analyses";
import { PREDICTION, show, signedIn } from "../../test/answers";
import { Result } from "./Result";

const CAM = { method: "cam", target: "glioma", image_png_base64: "aGVhdA==" } as const;

beforeEach(async () => {
  await signedIn();
});

function shown(changes: Partial<Prediction> = {}) {
  return show(<Result analysis={answered(changes)} />);
}

const ABSTAINED: Partial<Prediction> = { result: null, decision: "abstained", prediction_set: ["glioma", "no_tumor"] };

it("says the answer in words, with what its probability means", () => {
  shown();
  expect(screen.getByRole("heading", { level: 3 }).textContent).toBe("Suggests: glioma");
  expect(screen.getByText("Very likely")).toBeTruthy();
  expect(screen.getByText("90%", { selector: ".outcome-sure *" })).toBeTruthy();
  expect(screen.getByText(/about 90 of 100 such answers/)).toBeTruthy();
});

it("words the answer of a model of one's own as a hint, too", () => {
  shown({ result: "unheard_of" });
  expect(screen.getByRole("heading", { level: 3 }).textContent).toBe("Suggests: unheard_of");
});

it("warns beside the answer of the palm model that ships, and promises nothing of it", () => {
  shown({ model: "palm_disease", disclaimer: `${english.common.disclaimer} ${english.palm_disease.notice}` });
  expect(screen.getByText(/of a palm, or of a photo in another light, means nothing/, { selector: ".outcome *" })).toBeTruthy();
  expect(screen.queryByText(/of 100 such answers/)).toBeNull();
});

it("takes advice for the patient's where there is an answer, and for the reader's where there is none", () => {
  shown().unmount();
  shown();
  expect(screen.getByRole("heading", { name: "What to tell the patient" })).toBeTruthy();
  expect(screen.queryByRole("heading", { name: "Next step" })).toBeNull();
});

it("never promises certainty", () => {
  shown({ confidence: 0.9996 });
  expect(screen.getByText("over 99%")).toBeTruthy();
  expect(screen.getByText(/about 99 of 100/)).toBeTruthy();
});

it("says when probabilities are not calibrated, and makes no words of them", () => {
  shown({ calibrated: false });
  expect(screen.getByText(/were not calibrated/)).toBeTruthy();
  expect(screen.queryByText("Very likely")).toBeNull();
});

it("lists every class, the most probable first, and marks the prediction set", () => {
  shown({ prediction_set: ["glioma", "meningioma"] });
  const rows = screen.getAllByRole("listitem").map((row) => row.textContent);
  expect(rows[0]).toBe("Glioma(in the prediction set)90%");
  expect(rows[1]).toBe("Meningioma(in the prediction set)8%");
  expect(rows[2]).toBe("No tumour1%");
  expect(screen.getByText(/In 90% of cases .* the truth is one of: Glioma, Meningioma/)).toBeTruthy();
});

it.each([
  ["out_of_distribution", "not a picture for this model", "Check that you chose the right model"],
  ["low_confidence", "cannot decide", "Let a specialist decide"],
  ["image_quality", "not good enough", "Take or export the picture again"],
] as const)("explains that there is no answer: %s", (abstain_reason, title, now) => {
  shown({ ...ABSTAINED, abstain_reason });
  expect(screen.getByRole("heading", { level: 3 }).textContent).toContain(title);
  const next = abstain_reason === "out_of_distribution" ? "This model takes:" : "Next step";
  expect(screen.getByRole("heading", { name: next })).toBeTruthy();
  expect(screen.getByText(new RegExp(now))).toBeTruthy();
  expect(screen.queryByText("Very likely")).toBeNull();
  expect(screen.queryByRole("button", { name: "Ask about this" })).toBeNull();
  const expert = screen.getByText("Probabilities, for the expert").closest("details");
  expect(expert?.open).toBe(false);
  expect(screen.queryByRole("heading", { name: /^Probabilities/ })).toBeNull();
  expect(within(expert as HTMLElement).queryAllByText("(in the prediction set)")).toHaveLength(
    abstain_reason === "low_confidence" ? 2 : 0,
  );
});

it("advises nothing that its reason contradicts", () => {
  show(<Result analysis={mistaken()} />);
  expect(screen.getByRole("heading", { level: 3 }).textContent).toBe("No answer: not a picture for this model");
  expect(screen.getByText(`${english.xray.accepts} ${english.common.ask}`)).toBeTruthy();
  for (const wrong of [/too dark/, /better picture/i]) expect(screen.queryByText(wrong)).toBeNull();
});

it("says so in Arabic, too", async () => {
  await speak("ar");
  show(<Result analysis={mistaken()} />);
  expect(screen.getByText(`${arabic.common.modality} ${arabic.common.unanswered}`)).toBeTruthy();
  expect(screen.getByText(`${arabic.xray.accepts} ${arabic.common.ask}`)).toBeTruthy();
});

it("says how strange the picture is, against the limit", () => {
  shown({ ood_score: 0.42 });
  const scale = screen.getByRole("meter", { name: "How strange the picture is to the model" });
  expect(scale.getAttribute("aria-valuenow")).toBe("0.42");
  expect(scale.getAttribute("aria-valuetext")).toContain("unusual");
});

it("shows no scale where the model has no gate", () => {
  shown({ ood_score: null });
  expect(screen.queryByRole("meter")).toBeNull();
});

it("explains a technical word to those who ask", async () => {
  shown();
  await userEvent.click(screen.getByRole("button", { name: "What does this mean: Prediction set?" }));
  expect((await screen.findByRole("dialog")).textContent).toContain("cannot be ruled out");
});

it("lays the heat map over the picture, to take away and to fade", async () => {
  shown({ explanation: CAM });
  const heat = screen.getByRole("img", { name: /Heat map/ });
  expect(heat.getAttribute("src")).toBe("data:image/png;base64,aGVhdA==");
  expect(screen.getByText(/A hint, no proof\./).textContent).toContain("what spoke for: Glioma");
  screen.getByRole("slider", { name: "Opacity" }).focus();
  await userEvent.keyboard("{Home}");
  expect(heat.style.opacity).toBe("0");
  await userEvent.click(screen.getByRole("checkbox", { name: "Heat map" }));
  expect(screen.queryByRole("img", { name: /Heat map/ })).toBeNull();
});

it.each(["out_of_distribution", "image_quality"] as const)("shows nothing that a model computed of a picture that it could not read: %s", (abstain_reason) => {
  const contributions = { red: 1 };
  shown({ ...ABSTAINED, abstain_reason, explanation: { ...CAM, contributions } });
  expect(screen.queryByRole("img", { name: /Heat map/ })).toBeNull();
  expect(screen.queryByRole("checkbox", { name: "Heat map" })).toBeNull();
  expect(screen.queryByText(/what spoke for: Glioma/)).toBeNull();
  expect(screen.queryByRole("heading", { name: /for and against/ })).toBeNull();
});

it("names what the model takes where that is the next step", () => {
  shown({ ...ABSTAINED, abstain_reason: "out_of_distribution", recommendation: "One slice." });
  expect(screen.getByRole("heading", { name: "This model takes:" })).toBeTruthy();
  expect(screen.queryByRole("heading", { name: "Next step" })).toBeNull();
});

it("says that nothing can be ruled out when every class is in the set", () => {
  shown({ prediction_set: Object.keys(PREDICTION.probabilities) });
  expect(screen.getByText(/Nothing can be ruled out/)).toBeTruthy();
  expect(screen.queryByText(/the truth is one of/)).toBeNull();
});

it("never promises certainty in the bars either", () => {
  shown({ probabilities: { glioma: 0.9998, no_tumor: 0.0002 } });
  expect(screen.getAllByRole("listitem")[0]?.textContent).toContain("over 99%");
});

it("is compared with another result", async () => {
  const other = answered({ result: "meningioma" });
  const { id } = answered();
  show(<Result analysis={stored(id)} />);
  await userEvent.click(screen.getByRole("button", { name: "Compare with …" }));
  const items = screen.getAllByRole("menuitem");
  expect(items).toHaveLength(1);
  await userEvent.click(items[0] as HTMLElement);
  expect(location.pathname).toBe(`/history/${id}/${other.id}`);
});

it("offers no comparison where there is nothing else", () => {
  useAnalyses.getState().add("tumor", [new File([], "waits.jpg")]);
  shown();
  expect(screen.queryByRole("button", { name: "Compare with …" })).toBeNull();
});

it("shows what each number added where there is no heat map", () => {
  shown({ explanation: { method: "shap", target: "anemia", contributions: { red: -0.5, unheard_of: 0.25 } } });
  expect(screen.getByRole("heading", { name: /for and against: Anaemia/ })).toBeTruthy();
  const section = screen.getByRole("heading", { name: /for and against/ }).parentElement as HTMLElement;
  const [first, second] = within(section).getAllByRole("listitem");
  expect(first?.textContent).toBe("Red-0.50");
  expect(second?.textContent).toBe("unheard_of+0.25");
  expect(screen.queryByRole("checkbox", { name: "Heat map" })).toBeNull();
});

it("shows the weightiest numbers first, and the others to those who ask", () => {
  const contributions = Object.fromEntries(Array.from({ length: 8 }, (_, at) => [`number ${at}`, at / 10]));
  shown({ explanation: { method: "shap", target: "anemia", contributions } });
  const rest = screen.getByText("All the others").closest("details") as HTMLElement;
  expect(within(rest).getAllByRole("listitem").map((row) => row.textContent)).toEqual(["number 1+0.10", "number 00.00"]);
});

it("warns of a picture that the page found poor", () => {
  show(<Result analysis={{ ...answered(), warnings: ["dark", "blurred"] }} />);
  expect(screen.getByText("It is dark.")).toBeTruthy();
  expect(screen.getByText("It looks blurred.")).toBeTruthy();
});

it("shows the gateway's own texts and disclaimer", () => {
  shown();
  expect(screen.getByText(PREDICTION.description)).toBeTruthy();
  expect(screen.getByText(PREDICTION.disclaimer)).toBeTruthy();
});

it("says them in Arabic, where they are those that were translated", async () => {
  await speak("ar");
  const { description, recommendation } = english.tumor.classes.glioma;
  shown({ description, recommendation: `${recommendation} Changed.` });
  expect(screen.getByText(arabic.tumor.classes.glioma.description)).toBeTruthy();
  const asItIs = screen.getByText(`${recommendation} Changed.`);
  expect(asItIs.getAttribute("lang")).toBe("en");
  expect(asItIs.getAttribute("dir")).toBe("ltr");
});

it("asks the chatbot about the answer, in the page's language", async () => {
  const analysis = answered();
  show(<Result analysis={analysis} />);
  await userEvent.click(screen.getByRole("button", { name: "Ask about this" }));
  expect(useHandover.getState().take()).toBe("What is a glioma?");
  expect(useHandover.getState().about).toEqual({ id: analysis.id, model: "tumor", label: "glioma" });
  expect(location.pathname).toBe("/chat");
});

it("asks about a label that it has no question for", async () => {
  shown({ result: "unheard_of" });
  await userEvent.click(screen.getByRole("button", { name: "Ask about this" }));
  expect(useHandover.getState().take()).toBe("What does this mean: unheard_of?");
});

it("has the details for whoever looks for them", () => {
  shown({ model_digest: "0123456789abcdef" });
  const details = screen.getByText("Details").closest("details") as HTMLElement;
  expect(details).toHaveProperty("open", false);
  expect(within(details).getByText("0123456789ab")).toBeTruthy();
  expect(within(details).getByText("now")).toBeTruthy();
  expect(within(details).getByText("3 ms")).toBeTruthy();
});

it("names no times of an answer that was there already", () => {
  shown({ cached: true });
  const details = screen.getByText("Details").closest("details") as HTMLElement;
  expect(within(details).getByText("earlier, for the same picture")).toBeTruthy();
  expect(details.textContent).not.toMatch(/\d ms/);
});

it("shows nothing before there is an answer", () => {
  const { container } = show(<Result analysis={{ ...answered(), prediction: null }} />);
  expect(container.textContent).toBe("");
});
