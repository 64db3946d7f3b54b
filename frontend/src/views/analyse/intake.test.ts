import { beforeEach, expect, it, vi } from "vitest";
import { session } from "../../session/session";
import { useAnalyses } from "../../stores/analyses";
import { useIntake } from "../../stores/intake";
import { later } from "../../test/later";
import { MEGABYTE, MOST_FILES, again, rulesOf, take } from "./intake";
import type { Pixels } from "./pixels";
import { queue } from "./running";

const JPEG = "\xff\xd8\xff\xe0";
let told = 0;

/** Of its own bytes each time. */
function file(name: string, head = JPEG, rest = `${(told += 1)}`): File {
  const bytes = Uint8Array.from(head + rest, (letter) => letter.charCodeAt(0));
  return new File([bytes], name);
}

function decoded(side = 224): Pixels {
  return { width: side, height: side, copy: { data: new Uint8ClampedArray([90, 90, 90, 255]), width: 1, height: 1 } as ImageData };
}

const rules = { ...rulesOf(undefined), decode: async () => decoded() };
const refusals = () => useIntake.getState().refusals.map(({ name, complaint, kind }) => [name, complaint, kind]);
const items = () => useAnalyses.getState().items;

beforeEach(() => {
  vi.spyOn(queue, "pump").mockReturnValue();
});

it("gives the queue what is good, with what was noticed of it", async () => {
  await take("tumor", [file("a.jpg")], rules);
  expect(items()).toMatchObject([{ model: "tumor", state: "waiting", warnings: ["flat", "blurred"] }]);
  expect(queue.pump).toHaveBeenCalled();
  expect(refusals()).toEqual([]);
});

it("sends nothing of a file that is too large, and does not even read it", async () => {
  const large = file("large.jpg");
  Object.defineProperty(large, "size", { value: 12 * MEGABYTE });
  const read = vi.spyOn(large, "arrayBuffer");
  await take("tumor", [large], rules);
  expect(refusals()).toEqual([["large.jpg", "tooLarge", "other"]]);
  expect(read).not.toHaveBeenCalled();
  expect(items()).toEqual([]);
});

it("says what is wrong with each of the others, and takes the good one", async () => {
  const gone = file("gone.jpg");
  vi.spyOn(gone, "arrayBuffer").mockRejectedValue(new DOMException("", "NotFoundError"));
  const decode = async (picture: Blob) => {
    if ((picture as File).name === "cut.jpg") throw new DOMException("", "InvalidStateError");
    return decoded();
  };
  const given = [file("a.heic", "\0\0\0\x18ftypheic"), new File([], "empty.png"), file("cut.jpg"), gone, file("note.txt", "hello"), file("b.jpg")];
  await take("tumor", given, { ...rules, decode });
  expect(refusals()).toEqual([
    ["a.heic", "kind", "HEIC"],
    ["empty.png", "empty", "other"],
    ["cut.jpg", "damaged", "other"],
    ["gone.jpg", "unreadable", "other"],
    ["note.txt", "unknownKind", "other"],
  ]);
  expect(items().map((item) => item.file.name)).toEqual(["b.jpg"]);
  expect(useIntake.getState().checking).toBe(0);
});

it("takes none of too many", async () => {
  const many = Array.from({ length: MOST_FILES + 1 }, (_, at) => file(`${at}.jpg`));
  await take("tumor", many, rules);
  expect(useIntake.getState().tooMany).toBe(MOST_FILES + 1);
  expect(items()).toEqual([]);
});

it("asks before a model gets the same picture twice", async () => {
  await take("tumor", [file("a.jpg", JPEG, "same")], rules);
  await take("tumor", [file("copy of a.jpg", JPEG, "same")], rules);
  await take("xray", [file("a.jpg", JPEG, "same")], rules);
  expect(items().map(({ model }) => model)).toEqual(["tumor", "xray"]);
  const [repeat] = useIntake.getState().repeats;
  expect(repeat).toMatchObject({ model: "tumor", earlier: items()[0]?.id });
  if (repeat) again(repeat);
  expect(items().map(({ file: { name } }) => name)).toEqual(["a.jpg", "a.jpg", "copy of a.jpg"]);
  expect(items()[2]?.digest).toBe(items()[0]?.digest);
  expect(useIntake.getState().repeats).toEqual([]);
});

it("looks at the latest batch, but not for a picture that it had before", async () => {
  await take("tumor", [file("a.jpg", JPEG, "same")], rules);
  useIntake.setState({ selected: "earlier" });
  await take("tumor", [file("a.jpg", JPEG, "same"), file("a.gif", "GIF89a")], rules);
  useIntake.setState({ isAwaiting: false });
  await take("tumor", [file("a.jpg", JPEG, "same")], rules);
  expect(useIntake.getState()).toMatchObject({ selected: "earlier", isAwaiting: false });
  await take("tumor", [file("b.jpg"), file("c.jpg")], rules);
  expect(useIntake.getState()).toMatchObject({ selected: "earlier", isAwaiting: true, since: items()[1]?.addedAt });
});

it("does not ask when the first try was cancelled", async () => {
  await take("tumor", [file("a.jpg", JPEG, "same")], rules);
  useAnalyses.getState().change(items()[0]?.id ?? "", { state: "cancelled" });
  await take("tumor", [file("a.jpg", JPEG, "same")], rules);
  expect(items()).toHaveLength(2);
});

it("keeps nothing of one who has left meanwhile", async () => {
  const { promise, resolve } = later<Pixels>();
  const decode = vi.fn(() => promise);
  const taken = take("tumor", [file("a.jpg"), file("b.jpg")], { ...rules, decode });
  await vi.waitFor(() => expect(decode).toHaveBeenCalled());
  session.forget();
  resolve(decoded());
  await taken;
  expect(items()).toEqual([]);
  expect(useIntake.getState().checking).toBe(0);
  expect(decode).toHaveBeenCalledOnce();
});

it("knows what is taken before the gateway has said it", () => {
  expect(rulesOf(undefined)).toEqual({ limit: 10 * MEGABYTE, formats: ["JPEG", "PNG"] });
  expect(rulesOf({ max_image_size: 5, supported_formats: ["png"] })).toEqual({ limit: 5, formats: ["PNG"] });
});
