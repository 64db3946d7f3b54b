import { useTranslation } from "react-i18next";
import { Term } from "../Term";
import { Range } from "./Range";
import { Switch } from "./Switch";

interface Props {
  /** The label that it is about, in words. */
  target: string;
  isOn: boolean;
  onSwitch: (isOn: boolean) => void;
  /** In hundredths. */
  opacity: number;
  onOpacity: (opacity: number) => void;
}

/** The heat map's switch, its opacity, and what its colours say. */
export function Heat({ target, isOn, onSwitch, opacity, onOpacity }: Props) {
  const { t } = useTranslation();
  return (
    <div className="viewer-heat">
      <div className="row apart">
        <Switch isOn={isOn} onChange={onSwitch}>
          {t("result.heat.switch")}
        </Switch>
        <HeatLegend />
      </div>
      <Range label={t("result.heat.opacity")} value={opacity} least={0} most={100} onChange={onOpacity} isDisabled={!isOn} />
      <figcaption>
        {t("result.heat.caption")} {t("result.heat.of", { label: target })} <Term name="heat" />
      </figcaption>
    </div>
  );
}

export function HeatLegend() {
  const { t } = useTranslation();
  return (
    <span className="heat-legend">
      <span>{t("result.heat.less")}</span>
      <span className="heat-scale" aria-hidden />
      <span>{t("result.heat.more")}</span>
    </span>
  );
}
