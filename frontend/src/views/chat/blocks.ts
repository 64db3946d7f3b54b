/** A part of an answer's text; `lead`: the words before a colon that say what a paragraph is about. */
export type Block =
  | { kind: "title"; text: string }
  | { kind: "paragraph"; lead: string; text: string }
  | { kind: "list"; isOrdered: boolean; items: string[] };

const BULLET = /^\s*[-*•]\s+/;
const NUMBER = /^\s*[0-9٠-٩]{1,2}[.)]\s+/;
const LEAD = /^([^:.،؛!?؟\n]{2,40}):\s+(?=\S)/;

/** The blocks of a plain text. `title`: the first paragraph is one when it says just this. */
export function blocksOf(text: string, title: string | null): Block[] {
  const parts = text.split(/\n\s*\n/).map((part) => part.trim());
  return parts.filter(Boolean).flatMap((part, at) => (at === 0 && part === title ? [heading(part)] : ofPart(part)));
}

function heading(text: string): Block {
  return { kind: "title", text };
}

/** A paragraph, with a list after it where there is one. */
function ofPart(part: string): Block[] {
  const lines = part.split("\n");
  const at = lines.findIndex((line) => BULLET.test(line) || NUMBER.test(line));
  if (at < 0) return [paragraph(part)];
  const before = lines.slice(0, at).join("\n").trim();
  return [...(before ? [paragraph(before)] : []), list(lines.slice(at))];
}

function paragraph(part: string): Block {
  const lead = LEAD.exec(part);
  return { kind: "paragraph", lead: lead?.[1] ?? "", text: lead ? part.slice(lead[0].length) : part };
}

function list(lines: string[]): Block {
  const items: string[] = [];
  for (const line of lines) {
    const text = line.replace(BULLET, "").replace(NUMBER, "").trim();
    if (text !== line.trim() || items.length === 0) items.push(text);
    else items.push(`${items.pop() ?? ""} ${text}`); // the line before goes on
  }
  return { kind: "list", isOrdered: NUMBER.test(lines[0] ?? ""), items };
}
