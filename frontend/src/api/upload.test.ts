import { afterEach, expect, it, vi } from "vitest";
import { signedIn } from "../test/answers";
import { upload } from "./upload";

/** Answers at once with this. */
function answering(status: number, responseText: string): void {
  vi.stubGlobal(
    "XMLHttpRequest",
    class {
      upload = {};
      status = status;
      statusText = "";
      responseText = responseText;
      onload: () => void = () => undefined;
      open() {}
      setRequestHeader() {}
      getResponseHeader() {
        return null;
      }
      send() {
        this.onload();
      }
    },
  );
}

afterEach(() => vi.unstubAllGlobals());

const sent = async () => {
  await signedIn();
  return upload("/api/suggest", new FormData(), { signal: new AbortController().signal });
};

it("gives what was answered", async () => {
  answering(200, '{"a":1}');
  expect(await sent()).toEqual({ a: 1 });
});

it("takes the sign-in page of a network for nobody's answer", async () => {
  answering(200, "<html>Welcome to our guest network</html>");
  await expect(sent()).rejects.toThrow(TypeError);
});

it("says why it was refused", async () => {
  answering(415, '{"code":"INVALID_IMAGE"}');
  await expect(sent()).rejects.toMatchObject({ code: "INVALID_IMAGE", status: 415 });
});
