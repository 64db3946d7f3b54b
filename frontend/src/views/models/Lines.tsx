import { Ban } from "lucide-react";
import { English } from "../../ui/English";
import { Section } from "./Section";

interface Props {
  name: "notFor" | "limits";
  lines: readonly string[];
  isWarning?: boolean;
}

/** A list of the card's own sentences; nothing where it has none. */
export function Lines({ name, lines, isWarning = false }: Props) {
  if (!lines.length) return null;
  return (
    <Section name={name}>
      <ul dir="ltr" className={isWarning ? "models-lines warning" : "models-lines"}>
        {lines.map((line) => (
          <li key={line}>
            {isWarning && <Ban aria-hidden size={18} />}
            <English>{line}</English>
          </li>
        ))}
      </ul>
    </Section>
  );
}
