import { QueryClient } from "@tanstack/react-query";
import { Refused } from "../api/client";
import { SignedOut, session } from "../session/session";

/** What the gateway says when it cannot renew a session just now. */
const NOT_RENEWED = ["SIGN_IN_UNAVAILABLE", "RATE_LIMITED"];

/** What was refused is refused again; what was not answered may be. */
function again(failures: number, error: Error): boolean {
  if (error instanceof Refused) return failures < 3 && NOT_RENEWED.includes(error.code);
  return failures < 1 && !(error instanceof SignedOut);
}

export const queries = new QueryClient({ defaultOptions: { queries: { retry: again } } });

session.onEnd(() => queries.clear());

let former = session.current();
session.subscribe(() => {
  const now = session.current();
  // the account may have been changed while nobody was signed in
  if (now === "signedIn" && former !== "signedIn") void queries.invalidateQueries({ queryKey: ["me"] });
  former = now;
});
