import { beforeEach, expect, it, vi } from "vitest";
import { queries } from "../../app/queries";
import { useAnalyses } from "../../stores/analyses";
import { useIntake } from "../../stores/intake";
import { useObjections } from "../../stores/objections";
import { answered } from "../../test/analyses";
import { later } from "../../test/later";
import { forgetPicture, forgetPictures } from "./forget";
import { rulesOf, take } from "./intake";
import type { Pixels } from "./pixels";
import { queue } from "./running";

const suggestions = { request_id: "r", timestamp: "", suggestions: [], unavailable: [] };
const cached = () => queries.getQueryCache().findAll({ queryKey: ["suggest"] }).map(({ queryKey }) => queryKey[1]);

function noted(): string {
  const { id } = answered();
  useObjections.getState().write(id, { label: null, note: "Odd." });
  queries.setQueryData(["suggest", id], suggestions);
  return id;
}

beforeEach(() => {
  vi.spyOn(queue, "pump").mockReturnValue();
});

it("forgets one picture with what was noted and asked of it", () => {
  const [one, other] = [noted(), noted()];
  useIntake.setState({ selected: one });
  forgetPicture(one);
  expect(useAnalyses.getState().items.map(({ id }) => id)).toEqual([other]);
  expect(Object.keys(useObjections.getState().of)).toEqual([other]);
  expect(cached()).toEqual([other]);
  expect(useIntake.getState().selected).toBeNull();
});

it("forgets all pictures, those that are being looked at, too", async () => {
  const { promise, resolve } = later<Pixels>();
  const decode = vi.fn(() => promise);
  const picture = new File([Uint8Array.from([0xff, 0xd8, 0xff, 0xe0])], "a.jpg");
  noted();
  const taken = take("tumor", [picture, picture], { ...rulesOf(undefined), decode });
  await vi.waitFor(() => expect(decode).toHaveBeenCalled());
  const file = { id: 1, name: "x.gif", complaint: "kind", kind: "GIF", size: 1 } as const;
  useIntake.setState({ model: "tumor", selected: "1", undecided: [picture], refusals: [file], tooMany: 60 });
  forgetPictures();
  resolve({ width: 1, height: 1, copy: { data: new Uint8ClampedArray(4), width: 1, height: 1 } as ImageData });
  await taken;
  expect(useAnalyses.getState().items).toEqual([]);
  expect(useIntake.getState()).toEqual({ ...useIntake.getInitialState(), model: "tumor" });
  expect(useObjections.getState().of).toEqual({});
  expect(cached()).toEqual([]);
});
