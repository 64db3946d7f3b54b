export { Compare } from "./compare/Compare";
export { Result } from "./Result";
