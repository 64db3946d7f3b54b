import type { ReactNode } from "react";
import "./table.css";

export interface Column<Row> {
  title: string;
  cell: (row: Row) => ReactNode;
}

interface Props<Row> {
  label: string;
  /** The first one names its row. */
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  idOf: (row: Row) => string;
  className?: string;
}

/**
 * A table; on a phone each row is a card, and each cell has its heading beside it. The roles are told, because a table
 * that is no longer laid out as one would lose them.
 */
export function Table<Row>({ label, columns, rows, idOf, className }: Props<Row>) {
  return (
    <table role="table" className={className ? `table rows ${className}` : "table rows"} aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          {columns.map(({ title }) => (
            <th key={title} role="columnheader" scope="col">
              {title}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {rows.map((row) => (
          <Cells key={idOf(row)} columns={columns} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Cells<Row>({ columns, row }: { columns: readonly Column<Row>[]; row: Row }) {
  return (
    <tr role="row">
      {columns.map(({ title, cell }, at) =>
        at === 0 ? (
          <th key={title} role="rowheader" scope="row">
            {cell(row)}
          </th>
        ) : (
          <td key={title} role="cell">
            <span className="rows-head" aria-hidden>
              {title}
            </span>
            <span className="rows-value">{cell(row)}</span>
          </td>
        ),
      )}
    </tr>
  );
}
