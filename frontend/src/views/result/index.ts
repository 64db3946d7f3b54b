export { Compare } from "./Compare";
export { Result } from "./Result";
