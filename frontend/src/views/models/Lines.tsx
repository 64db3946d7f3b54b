import { Ban } from "lucide-react";
import { useTranslation } from "react-i18next";
import { English } from "../../ui/English";
import { Section } from "./Section";
import { inArabic } from "./sentences";

interface Props {
  name: "notFor" | "limits";
  lines: readonly string[];
  isWarning?: boolean;
}

/** A list of the card's own sentences, in the page's language where they were translated; nothing where it has none. */
export function Lines({ name, lines, isWarning = false }: Props) {
  const { i18n } = useTranslation();
  if (!lines.length) return null;
  const own = (line: string) => (i18n.language === "ar" ? inArabic(line) : null);
  const isTranslated = lines.some((line) => own(line) !== null);
  return (
    <Section name={name}>
      <ul dir={isTranslated ? undefined : "ltr"} className={isWarning ? "models-lines warning" : "models-lines"}>
        {lines.map((line) => (
          <li key={line}>
            {isWarning && <Ban aria-hidden size={18} />}
            {own(line) === null ? <English>{line}</English> : <span>{own(line)}</span>}
          </li>
        ))}
      </ul>
    </Section>
  );
}
