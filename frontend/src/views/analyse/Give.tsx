import { Camera as CameraIcon, FolderOpen, ImageUp } from "lucide-react";
import { useState } from "react";
import { FileTrigger } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { usePageSettings } from "../../api/queries";
import { useWords } from "../../i18n/words";
import { Button } from "../../ui/Button";
import { Camera } from "./Camera";
import { MEGABYTE, MOST_FILES, limitOf } from "./intake";

const TYPES = ["image/jpeg", "image/png"];
/** Whoever taps has the device's own camera at hand. */
const isTouch = () => window.matchMedia("(pointer: coarse)").matches;

/** Where pictures are given: dropped, pasted, chosen, photographed. */
export function Give({ onGive, isChosen }: { onGive: (files: File[]) => void; isChosen: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const limit = limitOf(usePageSettings().data);
  return (
    <div className="analyse-drop">
      <ImageUp aria-hidden size={34} strokeWidth={1.5} />
      <p className="analyse-drop-title">{t("analyse.drop")}</p>
      {!isChosen && <p>{t("analyse.chooseFirst")}</p>}
      <div className="row">
        <FileTrigger acceptedFileTypes={TYPES} allowsMultiple onSelect={(files) => onGive([...(files ?? [])])}>
          <Button>
            <FolderOpen aria-hidden size={18} />
            {t("analyse.browse")}
          </Button>
        </FileTrigger>
        <Photo onGive={onGive} />
      </div>
      <small>{t("analyse.dropHint", { megabytes: words.number(limit / MEGABYTE, 1), files: words.number(MOST_FILES) })}</small>
    </div>
  );
}

function Photo({ onGive }: { onGive: (files: File[]) => void }) {
  const { t } = useTranslation();
  const [isOpen, setOpen] = useState(false);
  const look = (
    <>
      <CameraIcon aria-hidden size={18} />
      {t("analyse.photo")}
    </>
  );
  if (isTouch()) {
    return (
      <FileTrigger acceptedFileTypes={TYPES} defaultCamera="environment" onSelect={(files) => onGive([...(files ?? [])])}>
        <Button look="plain">{look}</Button>
      </FileTrigger>
    );
  }
  return (
    <>
      <Button look="plain" onPress={() => setOpen(true)}>
        {look}
      </Button>
      {isOpen && <Camera onShot={(photo) => onGive([photo])} onClose={() => setOpen(false)} />}
    </>
  );
}
