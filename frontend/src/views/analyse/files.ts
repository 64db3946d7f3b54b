import type { Complaint, FileKind } from "../../stores/intake";

const TAKEN: readonly FileKind[] = ["JPEG", "PNG"];
/** As many bytes of a file tell its kind. */
const HEAD = 132;
const HEIF = ["heic", "heix", "hevc", "hevx", "heim", "heis", "mif1", "msf1"];
/** Where which bytes are, as Latin letters. */
const MARKS: readonly (readonly [FileKind, number, string])[] = [
  ["JPEG", 0, "\xff\xd8\xff"],
  ["PNG", 0, "\x89PNG\r\n\x1a\n"],
  ["AVIF", 4, "ftypavif"],
  ...HEIF.map((brand) => ["HEIC", 4, `ftyp${brand}`] as const),
  ["WebP", 8, "WEBP"],
  ["GIF", 0, "GIF8"],
  ["TIFF", 0, "II*\0"],
  ["TIFF", 0, "MM\0*"],
  ["BMP", 0, "BM"],
  ["DICOM", 128, "DICM"],
  ["PDF", 0, "%PDF-"],
  ["ZIP", 0, "PK\x03\x04"],
];

/** What a file is by what is in it, whatever its name says. */
export function kindOf(bytes: Uint8Array): FileKind {
  const head = String.fromCharCode(...bytes.subarray(0, HEAD));
  return MARKS.find(([, at, mark]) => head.startsWith(mark, at))?.[0] ?? "other";
}

/** What speaks against sending these bytes, without decoding them. */
export function complaintOf(bytes: Uint8Array): { complaint: Complaint; kind: FileKind } | null {
  const kind = kindOf(bytes);
  if (bytes.length === 0) return { complaint: "empty", kind };
  if (TAKEN.includes(kind)) return null;
  return { complaint: kind === "other" ? "unknownKind" : "kind", kind };
}

/** The same for the same bytes, without https, too (cyrb53, with their number). It protects nothing. */
export function digestOf(bytes: Uint8Array): string {
  let high = 0xdeadbeef;
  let low = 0x41c6ce57;
  for (const byte of bytes) {
    high = Math.imul(high ^ byte, 2654435761);
    low = Math.imul(low ^ byte, 1597334677);
  }
  return `${bytes.length}-${(high >>> 0).toString(16)}-${(low >>> 0).toString(16)}`;
}
