import { expect, it, vi } from "vitest";
import { csvOf, save, saveTable } from "./downloads";

it.each(["=1", "+1", "-1", "@a", "＝1", "＋1", "－1", "＠a", " =1", "\t=1", "\n=1", "\r=1", "\tx", "\u00a0=1"])("makes a text of %j", (text) => {
  expect(csvOf([[text]]).replace(/^"/, "")).toMatch(/^'/);
});

it("leaves numbers and other texts as they are", () => {
  expect(csvOf([[-0.5, "a=b", null, undefined, "", 'a,"b"', { a: "1" }]])).toBe('-0.5,a=b,,,,"a,""b""","{""a"":""1""}"\r\n');
});

it("gives a file its name, and lets go of it only after a minute", () => {
  vi.useFakeTimers();
  vi.spyOn(URL, "createObjectURL").mockReturnValue("blob:1");
  const revoked = vi.spyOn(URL, "revokeObjectURL");
  const clicked = vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  save("a.json", new Blob(["a"]));
  expect(clicked.mock.contexts.at(-1)).toMatchObject({ download: "a.json" });
  vi.advanceTimersByTime(59_000);
  expect(revoked).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(revoked).toHaveBeenCalledWith("blob:1");
});

it("marks a table as UTF-8", async () => {
  const saved: Blob[] = [];
  vi.spyOn(URL, "createObjectURL").mockImplementation((blob) => `blob:${saved.push(blob as Blob)}`);
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockReturnValue();
  saveTable("a.csv", [["a", "b"]]);
  const bytes = new Uint8Array((await saved[0]?.arrayBuffer()) ?? new ArrayBuffer(0));
  expect([...bytes.slice(0, 4)]).toEqual([0xef, 0xbb, 0xbf, 0x61]);
});
