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
queries.getQueryCache().subscribe((event) => {
  // "fetch" and "failed", too, come with the data of an earlier answer
  if (event.type === "updated" && event.action.type === "success" && event.query.queryKey[0] === "health") {
    queue.healthy((event.query.state.data as Health).models);
  }
});

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
}

useAnalyses.subscribe(({ items }) => {
  if (items.some(isUnfinished)) window.addEventListener("beforeunload", ask);
  else window.removeEventListener("beforeunload", ask);
});
