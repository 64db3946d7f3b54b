import { QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/client";
import { SignedOut, session } from "../session/session";

/** What was refused is refused again; what was not answered may be. */
function again(failures: number, error: Error): boolean {
  return failures < 1 && !(error instanceof Refused) && !(error instanceof SignedOut);
}

export const queries = new QueryClient({ defaultOptions: { queries: { retry: again } } });

session.onEnd(() => queries.clear());
