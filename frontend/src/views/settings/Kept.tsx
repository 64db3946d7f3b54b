import { useState } from "react";
import { useTranslation } from "react-i18next";
import { said } from "../../i18n/words";
import { forgetChoices, kept } from "../../stores/kept";
import { useSettings } from "../../stores/settings";
import { Button } from "../../ui/Button";

/** What is in this browser's storage, by name, and how to be rid of it. */
export function Kept() {
  const { t } = useTranslation();
  const [isForgotten, setForgotten] = useState(false);
  function forget() {
    forgetChoices();
    setForgotten(true);
  }
  return (
    <section className="card">
      <h3>{t("settings.kept.title")}</h3>
      <p>{t("settings.kept.text")}</p>
      <Names />
      <div className="row">
        <Button look="plain" onPress={forget}>
          {t("settings.kept.forget")}
        </Button>
        <span role="status">{isForgotten && t("settings.kept.forgotten")}</span>
      </div>
    </section>
  );
}

function Names() {
  const { t } = useTranslation();
  useSettings(); // each change of them may change what is kept
  return (
    <table className="table settings-names" aria-label={t("settings.kept.title")}>
      <thead>
        <tr>
          <th scope="col">{t("settings.kept.name")}</th>
          <th scope="col">{t("settings.kept.what")}</th>
        </tr>
      </thead>
      <tbody>
        {kept().map((name) => (
          <Kind key={name} name={name}>
            {said(`settings.kept.of.${name.split(".")[1] ?? ""}`, t("settings.kept.of.other"))}
          </Kind>
        ))}
        <Kind name="doctorai_session">{t("settings.kept.of.cookie")}</Kind>
      </tbody>
    </table>
  );
}

function Kind({ name, children }: { name: string; children: string }) {
  return (
    <tr>
      <td>
        <code dir="ltr">{name}</code>
      </td>
      <td>{children}</td>
    </tr>
  );
}
