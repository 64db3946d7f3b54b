import type { ReactNode } from "react";

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
}

/** A table that becomes a list of cards on a phone; the roles stay when the style takes the table's layout away. */
export function Table<Row>({ label, columns, rows, idOf }: Props<Row>) {
  return (
    <table role="table" className="table admin-table" aria-label={label}>
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
            <span className="admin-label" aria-hidden>
              {title}
            </span>
            <span className="admin-value">{cell(row)}</span>
          </td>
        ),
      )}
    </tr>
  );
}
