import { expect, it } from "vitest";
import { complaint } from "./pictures";

const file = (bytes: number, type: string) => new File([new Uint8Array(bytes)], "a", { type });

it.each([
  [file(10, "image/png"), null],
  [file(10, "image/gif"), "UNSUPPORTED_FORMAT"],
  [file(0, "image/png"), "INVALID_IMAGE"],
  [file(10 * 1024 * 1024 + 1, "image/jpeg"), "PAYLOAD_TOO_LARGE"],
])("%s: %s", (picture, expected) => expect(complaint(picture)).toBe(expected));
