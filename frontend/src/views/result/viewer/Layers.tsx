import { type Dispatch, type SetStateAction, useId, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Seen, transformOf } from "./geometry";
import { type Levels, isAsIs, linear } from "./levels";
import { useGestures } from "./useGestures";

interface Props {
  picture: string;
  name: string;
  heat: { overlay: string; opacity: number } | null;
  seen: Seen;
  setSeen: Dispatch<SetStateAction<Seen>>;
  levels: Levels;
  setLevels: Dispatch<SetStateAction<Levels>>;
}

/** The picture, and what lies over it: both fill the same box, which has the picture's aspect ratio. */
export function Layers({ picture, name, heat, seen, setSeen, levels, setLevels }: Props) {
  const { t } = useTranslation();
  const frame = useRef<HTMLDivElement>(null);
  const stage = useRef<HTMLDivElement>(null);
  const [ratio, setRatio] = useState<number | null>(null);
  const filter = useId();
  const hint = useId();
  const gestures = useGestures({ frame, stage, setSeen, setLevels });
  const filtered = isAsIs(levels) ? {} : { filter: `url(#${filter})` };
  const place = { "--ratio": ratio ?? 1, transform: transformOf(seen) };
  return (
    <div
      {...gestures}
      ref={frame}
      className={seen.zoom > 1 ? "viewer-frame near" : "viewer-frame"}
      role="application"
      aria-roledescription={t("result.viewer.role")}
      aria-label={t("result.viewer.frame")}
      aria-describedby={hint}
      tabIndex={0}
    >
      <Filter id={filter} levels={levels} />
      <div ref={stage} className="viewer-stage" style={place}>
        <img
          src={picture}
          alt={name}
          style={filtered}
          draggable={false}
          onLoad={({ currentTarget: { naturalWidth, naturalHeight } }) => setRatio(naturalWidth / naturalHeight || 1)}
        />
        {heat && (
          <img
            src={`data:image/png;base64,${heat.overlay}`}
            alt={t("result.heat.name")}
            style={{ opacity: heat.opacity }}
            draggable={false}
          />
        )}
      </div>
      <span id={hint} className="visually-hidden">
        {t("result.viewer.keys")}
      </span>
    </div>
  );
}

function Filter({ id, levels }: { id: string; levels: Levels }) {
  const { slope, intercept } = linear(levels);
  const all = { type: "linear", slope, intercept };
  return (
    <svg className="viewer-filter" aria-hidden>
      <filter id={id} colorInterpolationFilters="sRGB">
        <feComponentTransfer>
          <feFuncR {...all} />
          <feFuncG {...all} />
          <feFuncB {...all} />
        </feComponentTransfer>
      </filter>
    </svg>
  );
}
