/** Long enough for the browser to ask where to keep it, and to read all of it. */
const KEPT_MS = 60_000;
/** Marks UTF-8, so that Excel does not take Arabic for something else. */
const MARK = "\ufeff";
/** What a spreadsheet takes for a formula, in full width, too, and behind blanks that it drops. */
const FORMULA = /^(?:\s*[=+\-@＝＋－＠]|[\t\r\n])/;

export type Row = readonly unknown[];

/** Gives the browser a file to keep; nothing is sent. */
export function save(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  Object.assign(document.createElement("a"), { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}

export function saveTable(name: string, rows: readonly Row[]): void {
  save(name, new Blob([MARK, csvOf(rows)], { type: "text/csv;charset=utf-8" }));
}

export function saveJson(name: string, content: unknown): void {
  save(name, new Blob([JSON.stringify(content, null, 2)], { type: "application/json" }));
}

/** The rows as RFC 4180 has it; what a spreadsheet would take for a formula is made a text. */
export function csvOf(rows: readonly Row[]): string {
  return rows.map((cells) => `${cells.map(cell).join(",")}\r\n`).join("");
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  const text = typeof value === "object" ? JSON.stringify(value) : String(value);
  const safe = typeof value === "string" && FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
