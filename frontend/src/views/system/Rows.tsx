import type { ReactNode } from "react";

interface Props {
  /** What the table holds; also the name of its scrollable frame. */
  label: string;
  heads: readonly string[];
  rows: readonly { key: string; cells: readonly ReactNode[] }[];
}

/** A table; on a phone each row is a card, and each cell has its heading beside it. The first cell names the row. */
export function Rows({ label, heads, rows }: Props) {
  return (
    <div className="scroll" role="region" aria-label={label} tabIndex={0}>
      <table className="table system-rows">
        <caption className="visually-hidden">{label}</caption>
        <thead>
          <tr>
            {heads.map((head) => (
              <th key={head} scope="col">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, cells }) => (
            <tr key={key}>
              {cells.map((cell, at) => (at === 0 ? <Name key={at}>{cell}</Name> : <Cell key={at} head={heads[at] ?? ""}>{cell}</Cell>))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Name({ children }: { children: ReactNode }) {
  return <th scope="row">{children}</th>;
}

function Cell({ head, children }: { head: string; children: ReactNode }) {
  return (
    <td>
      <span className="system-head" aria-hidden>
        {head}
      </span>
      <span>{children}</span>
    </td>
  );
}
