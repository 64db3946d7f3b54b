import type { ReactNode } from "react";
import { Table } from "./Table";

interface Props {
  /** What the table holds; also the name of its scrollable frame. */
  label: string;
  heads: readonly string[];
  rows: readonly Row[];
}

interface Row {
  key: string;
  cells: readonly ReactNode[];
}

/** A table of what is known already, in a frame that scrolls where it is too wide. The first cell names the row. */
export function Rows({ label, heads, rows }: Props) {
  const columns = heads.map((title, at) => ({ title, cell: ({ cells }: Row) => cells[at] }));
  return (
    <div className="scroll" role="group" aria-label={label} tabIndex={0}>
      <Table label={label} columns={columns} rows={rows} idOf={({ key }) => key} />
    </div>
  );
}
