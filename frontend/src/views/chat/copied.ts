import type { ChatAnswer } from "../../api/client";

/** An answer as plain text, with what it rests on and what it is not. */
export function copied({ response, sources, disclaimer }: ChatAnswer, heading: string): string {
  const lines = sources.map(({ title, reference }) => `- ${title} (${reference})`);
  return [response, ...(lines.length > 0 ? [`${heading}:\n${lines.join("\n")}`] : []), disclaimer].join("\n\n");
}
