import type { User } from "../queries";

/** Those whose name has `wanted` in it, however it is written. */
export function found(users: readonly User[], wanted: string): readonly User[] {
  const part = folded(wanted);
  return users.filter(({ username }) => folded(username).includes(part));
}

function folded(text: string): string {
  return text.trim().normalize("NFKC").toLowerCase();
}
