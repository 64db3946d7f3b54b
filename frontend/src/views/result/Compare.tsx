import type { Analysis } from "../../stores/analyses";
import { Result } from "./Result";

export function Compare({ left, right }: { left: Analysis; right: Analysis }) {
  return (
    <div className="columns">
      <Result analysis={left} />
      <Result analysis={right} />
    </div>
  );
}
