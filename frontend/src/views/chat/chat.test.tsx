import { act, createEvent, fireEvent, screen, waitFor, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, it, vi } from "vitest";
import type { ChatAnswer } from "../../api/client";
import { queries } from "../../app/queries";
import { speak } from "../../i18n";
import { useChat } from "../../stores/chat";
import { useHandover } from "../../stores/handover";
import { useSettings } from "../../stores/settings";
import { ME, problem, show, signedIn } from "../../test/answers";
import { ANSWER, ARABIC, EMERGENCY, delta, held, streamed, told, whole } from "../../test/chat";
import Chat from "./index";

type Answer = () => Response | Promise<Response>;

const HEALTHY = { status: "healthy", services: {}, models: { chatbot: true } };
const PAGE = { version: "0.1.0", emergency_number: null as string | null };

async function open(answer: Answer = () => told(ANSWER), others: Record<string, (request: Request) => Response> = {}) {
  vi.spyOn(window, "scrollTo").mockImplementation(() => undefined);
  const asked = await signedIn({
    "POST /api/chatbot": answer,
    "/api/health": () => Response.json(HEALTHY),
    "/api/page": () => Response.json(PAGE),
    ...others,
  });
  show(<Chat />);
  return asked;
}

const input = () => screen.getByRole("textbox") as HTMLTextAreaElement;

async function ask(question: string): Promise<void> {
  await userEvent.click(input());
  await userEvent.paste(question);
  await userEvent.keyboard("{Enter}");
}

function askedFor(asked: Awaited<ReturnType<typeof open>>, method: string, path: string): number {
  return asked.mock.calls.filter(([request]) => {
    const { method: used, url } = request as Request;
    return used === method && new URL(url).pathname.startsWith(path);
  }).length;
}

it("answers with the text in parts, how urgent it is, its sources and one disclaimer", async () => {
  await open();
  await ask("What are the symptoms of migraine?");
  expect(await screen.findByRole("heading", { level: 4, name: "Migraine" })).toBeDefined();
  expect(screen.getByRole("heading", { level: 3 }).textContent).toContain("What are the symptoms of migraine?");
  expect(screen.getByText("Symptoms").tagName).toBe("STRONG");
  expect(screen.getByText(/^Routine:/)).toBeDefined();
  expect(within(screen.getByRole("list", { name: "Sources" })).getByText("NHS: Migraine")).toBeDefined();
  expect(screen.getAllByText(ANSWER.disclaimer)).toHaveLength(1);
  expect(screen.getByText(/98%/)).toBeDefined();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(input().value).toBe("");
  expect(document.activeElement).toBe(input());
});

it("shows the text as it arrives, but reads out the whole answer alone", async () => {
  const slow = held();
  await open(() => slow.response);
  await ask("migraine");
  expect((await screen.findByText("Looking for an answer …")).getAttribute("role")).toBe("status");
  act(() => slow.send(delta("A throbbing")));
  const part = await screen.findByText("A throbbing");
  expect(part.closest("[aria-hidden=true]")).not.toBeNull();
  const turn = part.closest("li");
  expect(turn?.getAttribute("aria-busy")).toBe("true");
  const live = turn?.querySelector("[aria-live=polite]");
  expect(live?.textContent).toBe("");
  act(() => slow.send(whole(ANSWER)));
  await waitFor(() => expect(live?.textContent).toContain("A throbbing headache."));
  expect(turn?.getAttribute("aria-busy")).toBe("false");
});

it.each([
  ["own", "+20 123", "112", "tel:+20123"],
  ["operator's", "", "112", "tel:112"],
  ["own, with what dials a service", "*9#", null, "tel:*9%23"],
])("gives the %s number in an emergency", async (_whose, own, operators, href) => {
  useSettings.setState({ emergencyNumber: own });
  await open(() => told(EMERGENCY), { "/api/page": () => Response.json({ ...PAGE, emergency_number: operators }) });
  await ask("my chest hurts");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("This may be an emergency.");
  await waitFor(() => expect(within(alert).getByRole("link").getAttribute("href")).toBe(href));
  expect(within(alert).getByRole("link").textContent).toContain(own || operators);
  expect(alert.compareDocumentPosition(screen.getByText(EMERGENCY.response))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  useSettings.setState({ emergencyNumber: "" });
});

it("knows the number before anything is asked", async () => {
  const asked = await open();
  await waitFor(() => expect(askedFor(asked, "GET", "/api/page")).toBe(1));
});

it.each([
  ["has set none", () => Response.json(PAGE)],
  ["cannot be asked", () => problem(503, "MODEL_UNAVAILABLE")],
])("names the local number in words when the operator %s", async (_why, page) => {
  await open(() => told(EMERGENCY), { "/api/page": page });
  await ask("my chest hurts");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("Call your local emergency number now.");
  expect(within(alert).queryByRole("link")).toBeNull();
});

it.each([
  [{ kind: "clarify", urgency: "none", sources: [] }, "No reliable answer found: say it in other words"],
  [{ kind: "refusal", urgency: "none", sources: [] }, "Outside of what it answers"],
  [{ generated: true }, "Worded by a language model from these sources"],
  [{ urgency: "urgent" }, "Urgent: whoever has this should soon be seen by a doctor"],
] as [Partial<ChatAnswer>, string][])("says what kind of answer %o is", async (changes, words) => {
  await open(() => told({ ...ANSWER, ...changes }));
  await ask("migraine");
  expect(await screen.findByText(words)).toBeDefined();
  expect(screen.queryByText(/The topic fits/) !== null).toBe((changes.kind ?? "answer") === "answer");
});

it("says first that an answer may be about something else, and then not how urgent that is", async () => {
  await open(() => told({ ...ANSWER, confidence: 0.7 }));
  await ask("head thing");
  const doubt = await screen.findByText("This may not be what you asked:");
  expect(doubt.compareDocumentPosition(screen.getByText("Symptoms"))).toBe(Node.DOCUMENT_POSITION_FOLLOWING);
  expect(screen.queryByText(/^Routine:/)).toBeNull();
});

it("tells of an emergency in the language of who asked, too", async () => {
  await open(() => told({ ...EMERGENCY, language: "ar", confidence: 0.5 }));
  await ask("ألم في الصدر");
  const alert = await screen.findByRole("alert");
  expect(alert.textContent).toContain("This may be an emergency.");
  const again = await within(alert).findByText("قد تكون هذه حالة طارئة.");
  expect(again.closest("[lang]")?.getAttribute("dir")).toBe("rtl");
});

it("says which result a question is about, until that is taken away", async () => {
  useHandover.getState().offer("What is a pituitary tumour?", { id: "1-2", model: "tumor", label: "pituitary" });
  await open();
  expect(await screen.findByText(/^About: Brain MRI, Pituitary tumour/)).toBeDefined();
  expect(screen.getByRole("link", { name: "Back to the result" }).getAttribute("href")).toBe("/history/1-2");
  await userEvent.click(screen.getByRole("button", { name: "Not about this any more" }));
  expect(screen.queryByText(/^About:/)).toBeNull();
  expect(document.activeElement).toBe(input());
});

it("makes a link of a web address alone, and opens it apart", async () => {
  const reference = (one: string) => ({ title: "Migraine", topic: "migraine", reference: one });
  const sources = ["https://example.org/migraine", "javascript:alert(1)", "NHS: Migraine"].map(reference);
  await open(() => told({ ...ANSWER, sources }));
  await ask("migraine");
  const link = await screen.findByRole("link");
  expect(screen.getAllByRole("link")).toHaveLength(1);
  expect(link.getAttribute("href")).toBe("https://example.org/migraine");
  expect(link.getAttribute("rel")).toContain("noopener");
  expect(link.textContent).toContain("opens in a new tab");
});

it("shows what the gateway sends as text, whatever is in it", async () => {
  await open(() => told({ ...ANSWER, response: "<img src=x onerror=alert(1)>" }));
  await ask("migraine");
  expect(await screen.findByText("<img src=x onerror=alert(1)>")).toBeDefined();
  expect(document.querySelector("img")).toBeNull();
});

it("copies the answer with its sources and the disclaimer", async () => {
  await open();
  await ask("migraine");
  const write = vi.spyOn(navigator.clipboard, "writeText").mockResolvedValue();
  await userEvent.click(await screen.findByRole("button", { name: "Copy answer" }));
  expect(write).toHaveBeenCalledWith(
    `${ANSWER.response}\n\nSources:\n- Migraine (NHS: Migraine)\n\n${ANSWER.disclaimer}`,
  );
});

it("begins a new line with Shift, and asks nothing while a character is composed", async () => {
  const asked = await open();
  await userEvent.type(input(), "one{Shift>}{Enter}{/Shift}two");
  expect(input().value).toBe("one\ntwo");
  fireEvent.keyDown(input(), { key: "Enter", isComposing: true });
  const composing = createEvent.keyDown(input(), { key: "Enter", keyCode: 229 });
  fireEvent(input(), composing);
  expect(useChat.getState().turns).toEqual([]);
  await userEvent.type(input(), "{Enter}");
  await waitFor(() => expect(askedFor(asked, "POST", "/api/chatbot")).toBe(1));
  expect(useChat.getState().turns[0]?.question).toBe("one\ntwo");
});

it("says how many characters are left, and asks nothing that is too long, but cuts nothing off", async () => {
  await open();
  const ask = screen.getByRole("button", { name: "Ask" });
  fireEvent.change(input(), { target: { value: "a".repeat(3_990) } });
  expect(screen.getByText("10 characters left")).toBeDefined();
  expect(ask.hasAttribute("disabled")).toBe(false);
  fireEvent.change(input(), { target: { value: "\u{1F600}".repeat(4_000) } });
  expect(ask.hasAttribute("disabled")).toBe(false);
  fireEvent.change(input(), { target: { value: "a".repeat(4_001) } });
  expect(screen.getByText(/1 character too many/)).toBeDefined();
  expect(ask.hasAttribute("disabled")).toBe(true);
  await userEvent.type(input(), "{Enter}");
  expect(input().value).toHaveLength(4_001);
  expect(useChat.getState().turns).toEqual([]);
});

it("asks a suggestion at once", async () => {
  await open();
  await userEvent.click(screen.getByRole("button", { name: "What are the symptoms of migraine?" }));
  expect(await screen.findByRole("heading", { level: 4, name: "Migraine" })).toBeDefined();
});

it("shows a question that another view began, and asks it when told to", async () => {
  useHandover.getState().offer("What is a glioma?");
  const asked = await open();
  await waitFor(() => expect(input().value).toBe("What is a glioma?"));
  expect(document.activeElement).toBe(input());
  expect(askedFor(asked, "POST", "/api/chatbot")).toBe(0);
  expect(useHandover.getState().question).toBeNull();
});

it("stops a question, and can ask it again", async () => {
  const slow = held();
  let answer: Answer = () => slow.response;
  await open(() => answer());
  await ask("migraine");
  await userEvent.click(await screen.findByRole("button", { name: "Stop" }));
  expect(screen.getByText("You stopped this question.")).toBeDefined();
  expect(document.activeElement).toBe(input());
  answer = () => told(ANSWER);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  expect(await screen.findByRole("heading", { level: 4, name: "Migraine" })).toBeDefined();
  expect(screen.getAllByRole("heading", { level: 3 })).toHaveLength(1);
});

it("marks an answer that broke off as not complete", async () => {
  await open(() => streamed([delta("A throbbing")], {}, new TypeError("network error")));
  await ask("migraine");
  expect((await screen.findByRole("alert")).textContent).toContain("the answer above is not complete");
  expect(screen.getByText("A throbbing").closest("[aria-hidden=true]")).toBeNull();
  expect(screen.getByRole("heading", { level: 3 }).textContent).toContain("migraine");
  expect(screen.getByRole("button", { name: "Try again" })).toBeDefined();
});

it("waits as long as the gateway says before anything is asked again", async () => {
  await open(() => problem(429, "RATE_LIMITED", { "Retry-After": "1" }));
  await ask("migraine");
  const again = await screen.findByRole("button", { name: "Try again in 1 second" });
  expect(again.hasAttribute("disabled")).toBe(true);
  await userEvent.type(input(), "another");
  expect(screen.getByRole("button", { name: "Ask" }).hasAttribute("disabled")).toBe(true);
  await waitFor(() => expect(screen.getByRole("button", { name: "Try again" }).hasAttribute("disabled")).toBe(false), {
    timeout: 2_000,
  });
  expect(screen.getByRole("button", { name: "Ask" }).hasAttribute("disabled")).toBe(false);
});

it("follows what arrives, but not for one who has scrolled away", async () => {
  const slow = held();
  await open(() => slow.response);
  await ask("migraine");
  await screen.findByText("Looking for an answer …");
  const scrolled = vi.mocked(window.scrollTo);
  scrolled.mockClear();
  act(() => slow.send(delta("one ")));
  await screen.findByText("one");
  expect(scrolled).toHaveBeenCalled();
  const below = new DOMRect(0, innerHeight + 500, 100, 100);
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(below);
  fireEvent.scroll(window);
  const button = await screen.findByRole("button", { name: "To the newest" });
  scrolled.mockClear();
  act(() => slow.send(delta("two")));
  await screen.findByText("one two");
  expect(scrolled).not.toHaveBeenCalled();
  await userEvent.click(button);
  expect(scrolled).toHaveBeenCalledOnce();
  expect(screen.queryByRole("button", { name: "To the newest" })).toBeNull();
});

it("begins a new conversation at the input, and offers again what the gateway did not forget", async () => {
  let isDown = true;
  const asked = await open();
  await ask("migraine");
  await screen.findByRole("heading", { level: 4, name: "Migraine" });
  const path = `DELETE /api/chatbot/${useChat.getState().id}`;
  const others = asked.getMockImplementation();
  asked.mockImplementation(async (request, init) => {
    const { method, url } = request as Request;
    if (`${method} ${new URL(url).pathname}` !== path) return (await others?.(request, init)) as Response;
    return isDown ? problem(503, "MODEL_UNAVAILABLE") : new Response(null, { status: 204 });
  });
  await userEvent.click(screen.getByRole("button", { name: "New conversation" }));
  expect(document.activeElement).toBe(input());
  expect(screen.queryByRole("heading", { level: 4 })).toBeNull();
  expect((await screen.findByRole("alert")).textContent).toContain("DoctorAI still has it");
  isDown = false;
  await userEvent.click(screen.getByRole("button", { name: "Forget it there, too" }));
  await waitFor(() => expect(screen.queryByRole("alert")).toBeNull());
  expect(document.activeElement).toBe(input());
});

it("says that each question stands alone while nothing is remembered", async () => {
  await open(() => told(ANSWER, { "X-Session-Memory": "unavailable" }));
  await ask("migraine");
  expect(await screen.findByText(/each question stands alone/)).toBeDefined();
});

it("keeps what is typed while the model is down, and goes on by itself", async () => {
  let isUp = false;
  const health = () => Response.json({ ...HEALTHY, models: { chatbot: isUp } });
  await open(() => told(ANSWER), { "/api/health": health });
  expect(await screen.findByText(/The chatbot does not work just now/)).toBeDefined();
  await ask("migraine");
  expect(input().value).toBe("migraine");
  isUp = true;
  await act(() => queries.invalidateQueries({ queryKey: ["health"] }));
  await waitFor(() => expect(screen.getByRole("button", { name: "Ask" }).hasAttribute("disabled")).toBe(false));
  expect(screen.queryByText(/The chatbot does not work just now/)).toBeNull();
  expect(input().value).toBe("migraine");
});

it.each([
  ["viewers", { ...ME, role: "viewer" }],
  ["accounts for other models", { ...ME, role: "clinician", models: ["tumor"] }],
])("is not for %s", async (_who, me) => {
  await open(() => told(ANSWER), { "/api/me": () => Response.json(me) });
  expect(await screen.findByText("Not for this account")).toBeDefined();
  expect(screen.queryByRole("textbox")).toBeNull();
});

it.each([
  ["en", ARABIC, "الصداع النصفي", "ar"],
  ["ar", ANSWER, "Migraine", "en"],
] as const)("sets an answer in the other language on the page in %s as that language", async (page, answer, title, lang) => {
  await open(() => told(answer));
  await act(() => speak(page));
  await ask("?");
  const heading = await screen.findByRole("heading", { level: 4, name: title });
  expect(heading.closest("[lang]")?.getAttribute("lang")).toBe(lang);
  expect(heading.closest("[dir]")?.getAttribute("dir")).toBe(lang === "ar" ? "rtl" : "ltr");
});

it("is all in Arabic on the page in Arabic", async () => {
  await speak("ar");
  await open(() => told(ARABIC));
  expect(await screen.findByRole("button", { name: "ما أعراض الصداع النصفي؟" })).toBeDefined();
  await ask("ما الصداع النصفي؟");
  await screen.findByRole("heading", { level: 4, name: "الصداع النصفي" });
  const english = document.body.textContent?.match(/[A-Za-z]{3,}/g) ?? [];
  expect(english.filter((word) => !["NHS", "Migraine", "migraine", "Enter", "Shift"].includes(word))).toEqual([]);
});
