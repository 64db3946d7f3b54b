import { expect, it } from "vitest";
import { complaintOf, digestOf, kindOf } from "./files";

const bytes = (head: string, at = 0) => Uint8Array.from({ length: 200 }, (_, place) => head.charCodeAt(place - at) || 0);

it.each([
  ["JPEG", bytes("\xff\xd8\xff\xe0")],
  ["PNG", bytes("\x89PNG\r\n\x1a\n")],
  ["HEIC", bytes("ftypheic", 4)],
  ["HEIC", bytes("ftypmif1", 4)],
  ["AVIF", bytes("ftypavif", 4)],
  ["WebP", bytes("RIFF____WEBP")],
  ["GIF", bytes("GIF89a")],
  ["TIFF", bytes("II*\0")],
  ["TIFF", bytes("MM\0*")],
  ["BMP", bytes("BM")],
  ["DICOM", bytes("DICM", 128)],
  ["PDF", bytes("%PDF-1.7")],
  ["ZIP", bytes("PK\x03\x04")],
  ["other", bytes("hello")],
  ["other", new Uint8Array()],
] as const)("tells a %s by its bytes", (kind, file) => {
  expect(kindOf(file)).toBe(kind);
});

it("takes JPEG and PNG, whatever else they are called", () => {
  expect(complaintOf(bytes("\xff\xd8\xff"))).toBeNull();
  expect(complaintOf(bytes("\x89PNG\r\n\x1a\n"))).toBeNull();
});

it("says what a file is that it does not take", () => {
  expect(complaintOf(bytes("ftypheic", 4))).toEqual({ complaint: "kind", kind: "HEIC" });
  expect(complaintOf(bytes("hello"))).toEqual({ complaint: "unknownKind", kind: "other" });
  expect(complaintOf(new Uint8Array())?.complaint).toBe("empty");
});

it("knows the same bytes again, and others apart", () => {
  const file = bytes("\xff\xd8\xff\xe0");
  const changed = Uint8Array.from(file);
  changed[199] = 1;
  expect(digestOf(Uint8Array.from(file))).toBe(digestOf(file));
  expect(digestOf(changed)).not.toBe(digestOf(file));
  expect(digestOf(file.subarray(0, 199))).not.toBe(digestOf(file));
});
