import { useTranslation } from "react-i18next";

/** As they are written on keyboards everywhere. */
const KEYS = {
  tab: ["Tab"],
  enter: ["Enter"],
  newLine: ["Shift", "Enter"],
  arrows: ["←", "↑", "→", "↓"],
  escape: ["Esc"],
} as const;
const NAMES = Object.keys(KEYS) as (keyof typeof KEYS)[];

export function Keys() {
  const { t } = useTranslation();
  return (
    <section className="card">
      <h3>{t("settings.keys.title")}</h3>
      <table className="table" aria-label={t("settings.keys.title")}>
        <thead>
          <tr>
            <th scope="col">{t("settings.keys.key")}</th>
            <th scope="col">{t("settings.keys.does")}</th>
          </tr>
        </thead>
        <tbody>
          {NAMES.map((name) => (
            <tr key={name}>
              <td>
                <span className="settings-keys" dir="ltr">
                  {KEYS[name].map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </span>
              </td>
              <td>{t(`settings.keys.${name}`)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
