import { createEvent, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, it, vi } from "vitest";
import { show } from "../../../test/answers";
import { Viewer } from "./Viewer";

const BOX = { left: 0, top: 0, width: 400, height: 300, right: 400, bottom: 300, x: 0, y: 0, toJSON: () => "" };

function opened() {
  vi.spyOn(Element.prototype, "getBoundingClientRect").mockReturnValue(BOX);
  Element.prototype.setPointerCapture = () => undefined; // not in happy-dom
  show(<Viewer picture="blob:x" name="A scan" overlay="aGVhdA==" />);
  return screen.getByRole("application", { name: "Picture, to zoom and move" });
}

const picture = () => screen.getByRole<HTMLImageElement>("img", { name: "A scan" });
const place = () => picture().parentElement?.style.transform;
const press = (name: string) => userEvent.click(screen.getByRole("button", { name }));

afterEach(() => vi.restoreAllMocks());

it("zooms by its buttons, and fits again", async () => {
  opened();
  expect(screen.getByRole("button", { name: "Zoom out" })).toHaveProperty("disabled", true);
  await press("Zoom in");
  await press("Zoom in");
  expect(screen.getByText("196%")).toBeTruthy();
  await press("Fit");
  expect(place()).toBe("scale(1) translate(0%, 0%)");
});

it("zooms and moves by keys alone", async () => {
  opened().focus();
  await userEvent.keyboard("++{ArrowRight}");
  expect(place()).toMatch(/^scale\(1\.9\d+\) translate\(-5\.1/);
  await userEvent.keyboard("0");
  expect(place()).toBe("scale(1) translate(0%, 0%)");
});

it("leaves the browser its own keys", async () => {
  opened().focus();
  await userEvent.keyboard("{Control>}+{/Control}");
  expect(place()).toBe("scale(1) translate(0%, 0%)");
});

it("zooms by the wheel where the pointer is, once somebody has clicked it", () => {
  const frame = opened();
  const turn = () => {
    const event = createEvent.wheel(frame, { deltaY: -200 });
    Object.defineProperties(event, { clientX: { value: 0 }, clientY: { value: 0 } }); // happy-dom's has none
    return fireEvent(frame, event);
  };
  expect(turn()).toBe(true); // the page scrolls
  expect(place()).toBe("scale(1) translate(0%, 0%)");
  frame.focus();
  expect(turn()).toBe(false);
  const [zoom, x] = place()?.match(/[\d.]+/g)?.map(Number) ?? [];
  expect(zoom).toBeGreaterThan(1);
  expect(x).toBeGreaterThan(0);
});

it("zooms by two fingers", () => {
  const frame = opened();
  const touch = { pointerType: "touch", button: 0 };
  fireEvent.pointerDown(frame, { ...touch, pointerId: 1, clientX: 150, clientY: 150 });
  fireEvent.pointerDown(frame, { ...touch, pointerId: 2, clientX: 250, clientY: 150 });
  fireEvent.pointerMove(frame, { ...touch, pointerId: 2, clientX: 350, clientY: 150 });
  expect(place()).toMatch(/^scale\(2\)/);
  fireEvent.pointerUp(frame, { ...touch, pointerId: 2 });
  fireEvent.pointerMove(frame, { ...touch, pointerId: 2, clientX: 600, clientY: 150 });
  expect(place()).toMatch(/^scale\(2\)/);
});

it("is dragged by the left button, and windowed by the right one or with Shift", async () => {
  const frame = opened();
  await press("Zoom in");
  fireEvent.pointerDown(frame, { pointerId: 1, button: 0, clientX: 100, clientY: 100 });
  fireEvent.pointerMove(frame, { pointerId: 1, clientX: 120, clientY: 100 });
  fireEvent.pointerUp(frame, { pointerId: 1 });
  expect(place()).toMatch(/translate\((5|4\.99+)%, 0%\)$/);
  expect(picture().style.filter).toBe("");
  for (const how of [{ button: 2 }, { button: 0, shiftKey: true }]) {
    fireEvent.pointerDown(frame, { pointerId: 1, clientX: 100, clientY: 100, ...how });
    fireEvent.pointerMove(frame, { pointerId: 1, clientX: 100, clientY: 70 });
    fireEvent.pointerUp(frame, { pointerId: 1 });
  }
  expect(place()).toMatch(/translate\((5|4\.99+)%, 0%\)$/);
  expect(screen.getByRole<HTMLInputElement>("slider", { name: "Brightness", hidden: true }).value).toBe("20");
  expect(picture().style.filter).toMatch(/^url\(/);
});

it("has no menu of the browser's in the right button's way", () => {
  expect(fireEvent.contextMenu(opened())).toBe(false);
});

it("turns black to white, leaves the heat map alone, and is reset", async () => {
  opened();
  await userEvent.click(screen.getByText("Brightness and contrast"));
  await userEvent.click(screen.getByRole("checkbox", { name: "Invert" }));
  expect(document.querySelector("feFuncR")?.getAttribute("slope")).toBe("-1");
  expect(picture().style.filter).toMatch(/^url\(/);
  expect(screen.getByRole("img", { name: /Heat map/ }).style.filter).toBe("");
  await press("Reset");
  expect(picture().style.filter).toBe("");
});

it("gives both layers the picture's own aspect ratio", () => {
  opened();
  Object.defineProperties(picture(), { naturalWidth: { value: 900 }, naturalHeight: { value: 300 } });
  fireEvent.load(picture());
  const stage = picture().parentElement as HTMLElement;
  expect(stage.style.getPropertyValue("--ratio")).toBe("3");
  expect(screen.getByRole("img", { name: /Heat map/ }).parentElement).toBe(stage);
});
