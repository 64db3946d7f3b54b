import { type Block, blocksOf } from "./blocks";

interface Props {
  text: string;
  /** What the text is about: shown as its title when it begins with it. */
  title?: string | null;
}

/** A plain text with its paragraphs and lists. */
export function AnswerText({ text, title = null }: Props) {
  return (
    <div className="chat-text">
      {blocksOf(text, title).map((block, at) => (
        <Part key={at} block={block} />
      ))}
    </div>
  );
}

function Part({ block }: { block: Block }) {
  if (block.kind === "title") return <h4>{block.text}</h4>;
  if (block.kind === "list") return <Items {...block} />;
  return (
    <p>
      {block.lead && <strong className="chat-lead">{block.lead}</strong>}
      {block.text}
    </p>
  );
}

function Items({ isOrdered, items }: { isOrdered: boolean; items: string[] }) {
  const List = isOrdered ? "ol" : "ul";
  return (
    <List className="chat-list">
      {items.map((item, at) => (
        <li key={at}>{item}</li>
      ))}
    </List>
  );
}
