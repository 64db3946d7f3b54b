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
      onloadend: () => void = () => undefined;
      open() {}
      setRequestHeader() {}
      getResponseHeader() {
        return null;
      }
      send() {
        this.onload();
        this.onloadend();
      }
    },
  );
}

/** Sends nothing by itself: the test moves its bytes. */
class Slow {
  static latest: Slow;
  upload: { onprogress: (moved: { lengthComputable: boolean; loaded: number; total: number }) => void } = { onprogress: () => undefined };
  status = 200;
  responseText = "{}";
  timeout = 0;
  ontimeout: () => void = () => undefined;
  onload: () => void = () => undefined;
  onabort: () => void = () => undefined;
  onloadend: () => void = () => undefined;
  open() {}
  setRequestHeader() {}
  send() {
    Slow.latest = this;
    if (this.timeout > 0) setTimeout(() => this.ontimeout(), this.timeout);
  }
  move(loaded: number) {
    this.upload.onprogress({ lengthComputable: true, loaded, total: 10 });
  }
  answer() {
    this.onload();
    this.onloadend();
  }
  abort() {
    this.onabort();
    this.onloadend();
  }
}

/** An upload of ten bytes, and what became of it. */
async function slowly() {
  vi.useFakeTimers();
  vi.stubGlobal("XMLHttpRequest", Slow);
  const ended = vi.fn();
  sent().then(() => ended("answered"), (error: { code?: string }) => ended(error.code));
  await vi.advanceTimersByTimeAsync(0);
  return { line: Slow.latest, ended };
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

it("lets a picture take as long as its bytes move, and the model two minutes from then on", async () => {
  const { line, ended } = await slowly();
  for (let moved = 1; moved <= 10; moved += 1) {
    await vi.advanceTimersByTimeAsync(50_000);
    line.move(moved);
  }
  await vi.advanceTimersByTimeAsync(110_000);
  expect(ended).not.toHaveBeenCalled();
  line.answer();
  await vi.advanceTimersByTimeAsync(300_000);
  expect(ended.mock.calls).toEqual([["answered"]]);
});

it.each([
  ["no byte moves for a minute", 4, 60_000],
  ["no answer comes in two minutes", 10, 120_000],
])("gives up when %s", async (_, moved, milliseconds) => {
  const { line, ended } = await slowly();
  line.move(moved);
  await vi.advanceTimersByTimeAsync(milliseconds - 1);
  expect(ended).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(ended.mock.calls).toEqual([["TIMEOUT"]]);
});
