import { queries } from "../../app/queries";
import type { Health } from "../../api/client";
import { predict } from "../../api/upload";
import { session } from "../../session/session";
import { useAnalyses } from "../../stores/analyses";
import { Queue, isUnfinished } from "./queue";

/** The page's own; it goes on whatever view is shown. */
export const queue = new Queue(predict);

session.onEnd(() => queue.clear());
window.addEventListener("online", () => queue.online());
queries.getQueryCache().subscribe(({ type, query }) => {
  if (type === "updated" && query.queryKey[0] === "health" && query.state.status === "success") {
    queue.healthy((query.state.data as Health).models);
  }
});

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

useAnalyses.subscribe(({ items }) => {
  if (items.some(isUnfinished)) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
});
