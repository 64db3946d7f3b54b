import { expect, it, vi } from "vitest";
import { queries } from "../../app/queries";
import { queue } from "./running";

it("hears of the gateway's health only when it has answered, not while it is asked again in vain", async () => {
  const healthy = vi.spyOn(queue, "healthy").mockReturnValue();
  const ask = (queryFn: () => Promise<unknown>) => queries.fetchQuery({ queryKey: ["health"], queryFn, retry: false });
  await ask(async () => ({ models: { tumor: true } }));
  expect(healthy).toHaveBeenCalledTimes(1);
  await expect(ask(() => Promise.reject(new TypeError("nobody answers")))).rejects.toThrow();
  expect(healthy).toHaveBeenCalledTimes(1);
});
