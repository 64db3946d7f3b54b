export const SHORTEST = 12;
export const LONGEST = 256;
/** 32 signs that nobody takes for one another. */
const SIGNS = "abcdefghijkmnpqrstuvwxyz23456789";
const GROUPS = 5;
const IN_GROUP = 4;

/** A password of 100 random bits, in groups that can be read out. */
export function generated(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(GROUPS * IN_GROUP));
  const signs = Array.from(bytes, (byte) => SIGNS[byte % SIGNS.length]).join("");
  return signs.match(new RegExp(`.{${IN_GROUP}}`, "g"))?.join("-") ?? signs;
}
