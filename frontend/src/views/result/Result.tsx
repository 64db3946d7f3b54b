import type { Analysis } from "../../stores/analyses";

export function Result({ analysis }: { analysis: Analysis }) {
  return <p>{analysis.prediction?.description}</p>;
}
