import { useUsers } from "../queries";

/** The id of a user name, as the gateway takes two spellings for one; null for one that nobody has. */
export function useSubject(): (name: string) => string | null {
  const users = useUsers().data;
  return (name) => users?.find(({ username }) => folded(username) === folded(name))?.id ?? null;
}

function folded(name: string): string {
  return name.trim().normalize("NFKC").toLowerCase();
}
