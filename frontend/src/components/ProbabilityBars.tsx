import { useTranslation } from "react-i18next";

interface Props {
  probabilities: Record<string, number>;
  /** Those that hold the truth with the promised probability. */
  likely: readonly string[];
}

/** Every class with its calibrated probability, the most probable first. */
export function ProbabilityBars({ probabilities, likely }: Props) {
  const { t, i18n } = useTranslation();
  const percent = new Intl.NumberFormat(i18n.language, { style: "percent", maximumFractionDigits: 1 });
  const sorted = Object.entries(probabilities).sort(([, one], [, other]) => other - one);
  return (
    <ul className="bars">
      {sorted.map(([label, probability]) => (
        <li key={label} className={likely.includes(label) ? "likely" : undefined}>
          <span>{t(`labels.${label}`, label)}</span>
          <span>{percent.format(probability)}</span>
          <meter min={0} max={1} value={probability} aria-label={t(`labels.${label}`, label)} />
        </li>
      ))}
    </ul>
  );
}
