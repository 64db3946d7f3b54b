import { useQuery } from "@tanstack/react-query";
import { api, body } from "../../api/client";

const FRESH_MS = 60_000;

/** One model's card. */
export function useCard(model: string) {
  return useQuery({
    queryKey: ["models", model],
    queryFn: () => body(api.GET("/api/models/{model}", { params: { path: { model } } })),
    staleTime: FRESH_MS,
  });
}

/** A plot as a picture; asked for when `isWanted`. It goes with the card's version, so that both tell of the same model. */
export function usePlot(model: string, name: string, version: string | null, isWanted: boolean) {
  return useQuery({
    queryKey: ["plots", model, name, version],
    queryFn: async () => {
      const params = { path: { model, name }, query: version ? { version } : {} };
      return (await body<unknown>(api.GET("/api/models/{model}/plots/{name}", { params, parseAs: "blob" }))) as Blob;
    },
    enabled: isWanted,
    staleTime: Infinity,
  });
}
