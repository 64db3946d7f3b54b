import { useTranslation } from "react-i18next";
import { About } from "./About";
import { EmergencyNumber } from "./EmergencyNumber";
import { Keys } from "./Keys";
import { Kept } from "./Kept";
import { Look } from "./Look";
import "./settings.css";

export default function View() {
  const { t } = useTranslation();
  return (
    <>
      <div>
        <h2>{t("settings.title")}</h2>
        <p className="quiet-text">{t("settings.lead")}</p>
      </div>
      <div className="columns">
        <div className="stack">
          <Look />
          <EmergencyNumber />
          <About />
        </div>
        <div className="stack">
          <Kept />
          <Keys />
        </div>
      </div>
    </>
  );
}
