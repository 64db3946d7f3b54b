import type { ReactNode } from "react";
import "./rows.css";

interface Props {
  /** What the table holds; also the name of its scrollable frame. */
  label: string;
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}

/**
 * A table; on a phone each row is a card, and each cell has its heading beside it. The first cell names the row.
 * The roles are told, because a table that is no longer laid out as one would lose them.
 */
export function Rows({ label, heads, rows }: Props) {
  return (
    <div className="scroll" role="group" aria-label={label} tabIndex={0}>
      <table className="table rows" role="table" aria-label={label}>
        <thead role="rowgroup">
          <tr role="row">
            {heads.map((head) => (
              <th key={head} scope="col" role="columnheader">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody role="rowgroup">
          {rows.map(({ key, cells }) => (
            <tr key={key} role="row">
              {cells.map((cell, at) => (
                <Cell key={at} isName={at === 0} head={heads[at] ?? ""}>
                  {cell}
                </Cell>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Cell({ isName, head, children }: { isName: boolean; head: string; children: ReactNode }) {
  if (isName) {
    return (
      <th scope="row" role="rowheader">
        {children}
      </th>
    );
  }
  return (
    <td role="cell">
      <span className="rows-head" aria-hidden>
        {head}
      </span>
      <span className="rows-value">{children}</span>
    </td>
  );
}
