import type { Dispatch, SetStateAction } from "react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../../i18n/words";
import { Button } from "../../../ui/Button";
import { AS_IS, type Levels, isAsIs, windowOf } from "./levels";
import { Range } from "./Range";
import { Switch } from "./Switch";

interface Props {
  levels: Levels;
  setLevels: Dispatch<SetStateAction<Levels>>;
}

/** Brightness and contrast, as a radiologist's window and level. */
export function Adjust({ levels, setLevels }: Props) {
  const { t } = useTranslation();
  const words = useWords();
  const { center, width } = windowOf(levels);
  const set = (changes: Partial<Levels>) => setLevels((now) => ({ ...now, ...changes }));
  return (
    <details className="viewer-adjust">
      <summary>{t("result.levels.title")}</summary>
      <Range
        label={t("result.levels.brightness")}
        value={levels.brightness}
        least={-100}
        most={100}
        onChange={(brightness) => set({ brightness })}
      />
      <Range
        label={t("result.levels.contrast")}
        value={levels.contrast}
        least={-100}
        most={100}
        onChange={(contrast) => set({ contrast })}
      />
      <div className="row apart">
        <Switch isOn={levels.isInverted} onChange={(isInverted) => set({ isInverted })}>
          {t("result.levels.invert")}
        </Switch>
        <small className="number">{t("result.levels.window", { width: words.number(width), center: words.number(center) })}</small>
        <Button look="quiet" isDisabled={isAsIs(levels)} onPress={() => setLevels(AS_IS)}>
          {t("result.levels.reset")}
        </Button>
      </div>
      <small>{t("result.levels.hint")}</small>
    </details>
  );
}
