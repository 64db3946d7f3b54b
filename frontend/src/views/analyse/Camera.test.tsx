import { fireEvent, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { show } from "../../test/answers";
import { Camera } from "./Camera";

const stop = vi.fn();
const stream = Object.assign(new MediaStream(), { getTracks: () => [{ stop }] }) as unknown as MediaStream;

function devices(getUserMedia?: () => Promise<MediaStream>): void {
  Object.defineProperty(navigator, "mediaDevices", { configurable: true, value: getUserMedia && { getUserMedia } });
}

afterEach(() => {
  Reflect.deleteProperty(navigator, "mediaDevices");
  stop.mockReset();
});

it.each([
  ["NotAllowedError", "may not use the camera"],
  ["NotFoundError", "No camera was found"],
  ["NotReadableError", "used by another program"],
])("says what %s means, and tries again", async (name, sentence) => {
  const ask = vi.fn().mockRejectedValue(new DOMException("", name));
  devices(ask);
  show(<Camera onShot={vi.fn()} onClose={vi.fn()} />);
  expect((await screen.findByRole("alert")).textContent).toContain(sentence);
  await userEvent.click(screen.getByRole("button", { name: "Try again" }));
  await waitFor(() => expect(ask).toHaveBeenCalledTimes(2));
});

it("says that there is no camera without https", async () => {
  devices();
  show(<Camera onShot={vi.fn()} onClose={vi.fn()} />);
  expect((await screen.findByRole("alert")).textContent).toContain("https");
});

it("photographs, lets it be done once more, and lets go of the camera", async () => {
  devices(async () => stream);
  vi.spyOn(HTMLCanvasElement.prototype, "getContext").mockReturnValue({ drawImage: vi.fn() } as never);
  vi.spyOn(HTMLCanvasElement.prototype, "toBlob").mockImplementation((take) => take(new Blob(["photo"])));
  const onShot = vi.fn();
  const onClose = vi.fn();
  const { unmount } = show(<Camera onShot={onShot} onClose={onClose} />);
  const shoot = async () => {
    fireEvent.loadedData(await screen.findByLabelText("What the camera sees"));
    await userEvent.click(screen.getByRole("button", { name: "Take the photo" }));
  };
  await shoot();
  await userEvent.click(await screen.findByRole("button", { name: "Once more" }));
  await shoot();
  await userEvent.click(await screen.findByRole("button", { name: "Use this photo" }));
  expect((onShot.mock.calls[0]?.[0] as File).name).toMatch(/^Photo .*\.jpg$/);
  expect(onClose).toHaveBeenCalled();
  unmount();
  expect(stop).toHaveBeenCalled();
});

it("lets go of a camera that comes when nobody waits for it any more", async () => {
  let give: (stream: MediaStream) => void = () => undefined;
  devices(() => new Promise((resolve) => (give = resolve)));
  const { unmount } = show(<Camera onShot={vi.fn()} onClose={vi.fn()} />);
  await screen.findByText("The camera starts …");
  unmount();
  give(stream);
  await waitFor(() => expect(stop).toHaveBeenCalled());
});
