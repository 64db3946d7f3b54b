/** As the gateway takes EMERGENCY_NUMBER. */
const ALLOWED = /^[0-9+*# -]{2,20}$/;
/** Digits as Arabic and Persian keyboards write them. */
const EASTERN = /[\u0660-\u0669\u06f0-\u06f9]/g;

/** A number to call, as it is kept: null for what is none; empty for none at all. */
export function phoneOf(typed: string): string | null {
  const number = typed.trim().replace(EASTERN, (digit) => String(digit.charCodeAt(0) & 0xf));
  if (number === "") return "";
  return ALLOWED.test(number) && /[0-9]/.test(number) ? number : null;
}
