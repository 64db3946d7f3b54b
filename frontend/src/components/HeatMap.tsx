import { useState } from "react";
import { Label, Slider, SliderThumb, SliderTrack } from "react-aria-components";
import { useTranslation } from "react-i18next";

interface Props {
  picture: string;
  /** PNG with transparency, base64. */
  overlay: string;
}

/** Where the model looked, laid over the picture. */
export function HeatMap({ picture, overlay }: Props) {
  const { t } = useTranslation();
  const [opacity, setOpacity] = useState(60);
  return (
    <figure>
      <div className="layers">
        <img src={picture} alt={t("analyse.picture")} />
        <img src={`data:image/png;base64,${overlay}`} alt={t("analyse.heatMap")} style={{ opacity: opacity / 100 }} />
      </div>
      <Slider value={opacity} onChange={setOpacity} maxValue={100}>
        <Label>{t("analyse.opacity")}</Label>
        <SliderTrack>
          <SliderThumb />
        </SliderTrack>
      </Slider>
      <figcaption>{t("analyse.heatMapHint")}</figcaption>
    </figure>
  );
}
