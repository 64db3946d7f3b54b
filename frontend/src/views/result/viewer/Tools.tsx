import { Expand, Maximize, Minimize, ZoomIn, ZoomOut } from "lucide-react";
import type { Dispatch, SetStateAction } from "react";
import { Toolbar } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { FITTED, MOST_ZOOM, type Seen, ZOOM_STEP, zoomed } from "./geometry";
import type { FullScreen } from "./useFullScreen";

interface Props {
  seen: Seen;
  setSeen: Dispatch<SetStateAction<Seen>>;
  screen: FullScreen;
}

export function Tools({ seen, setSeen, screen }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const Screen = screen.isFull ? Minimize : Maximize;
  const by = (factor: number) => () => setSeen((now) => zoomed(now, factor));
  return (
    <Toolbar className="viewer-tools" aria-label={t("result.viewer.tools")}>
      <Button look="quiet" aria-label={t("result.viewer.out")} isDisabled={seen.zoom <= 1} onPress={by(1 / ZOOM_STEP)}>
        <ZoomOut aria-hidden size={18} />
      </Button>
      <span className="number" aria-live="polite">
        {words.percent(seen.zoom)}
      </span>
      <Button look="quiet" aria-label={t("result.viewer.in")} isDisabled={seen.zoom >= MOST_ZOOM} onPress={by(ZOOM_STEP)}>
        <ZoomIn aria-hidden size={18} />
      </Button>
      <Button look="quiet" onPress={() => setSeen(FITTED)}>
        <Expand aria-hidden size={18} />
        <span className="viewer-fit">{t("result.viewer.fit")}</span>
      </Button>
      {screen.isPossible && (
        <Button look="quiet" aria-label={t(screen.isFull ? "result.viewer.small" : "result.viewer.full")} onPress={screen.toggle}>
          <Screen aria-hidden size={18} />
        </Button>
      )}
    </Toolbar>
  );
}
