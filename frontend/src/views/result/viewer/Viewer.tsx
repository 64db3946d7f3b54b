import { type Dispatch, type SetStateAction, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Adjust } from "./Adjust";
import { FITTED, type Seen } from "./geometry";
import { Heat } from "./Heat";
import { Layers } from "./Layers";
import { AS_IS } from "./levels";
import { Tools } from "./Tools";
import { useFullScreen } from "./useFullScreen";
import "./viewer.css";

interface Props {
  /** Its address. */
  picture: string;
  /** What the picture shows, for those who do not see it. */
  name: string;
  /** The heat map, PNG in base64. */
  overlay?: string | null;
  /** The label that the heat map is about, in words. */
  target?: string;
  /** False: the heat map is there, but must be asked for. */
  isHeatShown?: boolean;
  /** What is seen, for viewers that move together. */
  together?: [Seen, Dispatch<SetStateAction<Seen>>];
}

/** A picture, to look at closely, with the model's heat map over it. */
export function Viewer({ picture, name, overlay = null, target = "", isHeatShown = true, together }: Props) {
  const { t } = useTranslation();
  const own = useState(FITTED);
  const [seen, setSeen] = together ?? own;
  const [levels, setLevels] = useState(AS_IS);
  const [opacity, setOpacity] = useState(60);
  const [isHot, setHot] = useState(isHeatShown);
  const figure = useRef<HTMLElement>(null);
  const screen = useFullScreen(figure);
  const heat = overlay && isHot ? { overlay, opacity: opacity / 100 } : null;
  return (
    <figure className="viewer" ref={figure} aria-label={t("result.viewer.title")}>
      <Layers {...{ picture, name, heat, seen, setSeen, levels, setLevels }} />
      <div className="viewer-controls">
        <Tools seen={seen} setSeen={setSeen} screen={screen} />
        {overlay && <Heat target={target} isOn={isHot} onSwitch={setHot} opacity={opacity} onOpacity={setOpacity} />}
        <Adjust levels={levels} setLevels={setLevels} />
      </div>
    </figure>
  );
}
