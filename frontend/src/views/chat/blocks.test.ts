import { expect, it } from "vitest";
import { blocksOf } from "./blocks";

it("takes the first paragraph for a title only when it is one", () => {
  expect(blocksOf("Migraine\n\nIs a headache.", "Migraine").map(({ kind }) => kind)).toEqual(["title", "paragraph"]);
  expect(blocksOf("Hello!", null)).toEqual([{ kind: "paragraph", lead: "", text: "Hello!" }]);
});

it.each([
  ["Symptoms: pain and fever.", "Symptoms", "pain and fever."],
  ["متى تطلب المساعدة: راجع الطبيب.", "متى تطلب المساعدة", "راجع الطبيب."],
])("sets the words before the colon apart: %s", (text, lead, rest) => {
  expect(blocksOf(text, null)).toEqual([{ kind: "paragraph", lead, text: rest }]);
});

it.each(["Take it at 10:30 each day.", "This is a sentence. It has a colon: here.", "http://example.org/a"])(
  "leaves other colons alone: %s",
  (text) => {
    expect(blocksOf(text, null)).toEqual([{ kind: "paragraph", lead: "", text }]);
  },
);

it("finds lists, with what stands before them and lines that go on", () => {
  expect(blocksOf("Do this:\n- rest\n  and drink\n- sleep\n\n1. first\n2. second", null)).toEqual([
    { kind: "paragraph", lead: "", text: "Do this:" },
    { kind: "list", isOrdered: false, items: ["rest and drink", "sleep"] },
    { kind: "list", isOrdered: true, items: ["first", "second"] },
  ]);
});

it("loses no word of a text without any form", () => {
  const text = "<b>not markup</b> & ‏نص";
  expect(blocksOf(`${text}\n\n\n\n${text}`, null).map((block) => "text" in block && block.text)).toEqual([text, text]);
});
