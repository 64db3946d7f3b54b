import { useWords } from "../../i18n/words";
import { English } from "../../ui/English";
import { Told } from "../result/Told";
import { Section } from "./Section";
import type { ClassText } from "./card";

/** What the model tells apart. */
export function Classes({ classes }: { classes: readonly ClassText[] }) {
  const words = useWords();
  if (!classes.length) return null;
  return (
    <Section name="classes">
      <dl className="models-classes">
        {classes.map(({ label, description, source }) => (
          <div key={label}>
            <dt>{words.label(label)}</dt>
            <dd>
              {description && <Told>{description}</Told>}
              {source && <English small>{source}</English>}
            </dd>
          </div>
        ))}
      </dl>
    </Section>
  );
}
