import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useWords } from "../../i18n/words";
import { BlobImage } from "../../ui/BlobImage";
import { Button } from "../../ui/Button";
import { Dialog } from "../../ui/Dialog";
import { Notice } from "../../ui/Notice";
import { useCamera } from "./useCamera";

const QUALITY = 0.92;

interface Props {
  onShot: (photo: File) => void;
  onClose: () => void;
}

/** What the camera sees, to be photographed. */
export function Camera({ onShot, onClose }: Props) {
  const { t } = useTranslation();
  return (
    <Dialog title={t("analyse.camera.title")} isOpen onClose={onClose} isWide>
      <Finder
        onShot={(photo) => {
          onShot(photo);
          onClose();
        }}
      />
    </Dialog>
  );
}

/** In the dialog, so that the camera is let go with it. */
function Finder({ onShot }: { onShot: (photo: File) => void }) {
  const { t } = useTranslation();
  const [attempt, setAttempt] = useState(0);
  const { stream, trouble } = useCamera(attempt);
  const [shot, setShot] = useState<File | null>(null);
  if (shot) return <Shot photo={shot} onUse={() => onShot(shot)} onRetake={() => setShot(null)} />;
  if (stream) return <Live stream={stream} onShot={setShot} />;
  if (!trouble) return <p role="status">{t("analyse.camera.starting")}</p>;
  return (
    <Notice tone="warning" isAlert>
      <p>{t(`analyse.camera.${trouble}`)}</p>
      {trouble !== "insecure" && (
        <Button look="plain" onPress={() => setAttempt(attempt + 1)}>
          {t("common.retry")}
        </Button>
      )}
    </Notice>
  );
}

function Live({ stream, onShot }: { stream: MediaStream; onShot: (photo: File) => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const video = useRef<HTMLVideoElement>(null);
  const [isReady, setReady] = useState(false);
  useEffect(() => {
    if (video.current) video.current.srcObject = stream;
  }, [stream]);
  const shoot = () => {
    const name = t("analyse.camera.name", { time: words.time(Date.now()) });
    if (video.current) void photoOf(video.current, name).then((photo) => photo && onShot(photo));
  };
  return (
    <>
      <video
        ref={video}
        className="analyse-camera"
        aria-label={t("analyse.camera.live")}
        autoPlay
        playsInline
        muted
        onLoadedData={() => setReady(true)}
      />
      <div className="row end">
        <Button onPress={shoot} isDisabled={!isReady} autoFocus>
          {t("analyse.camera.shutter")}
        </Button>
      </div>
    </>
  );
}

function Shot({ photo, onUse, onRetake }: { photo: File; onUse: () => void; onRetake: () => void }) {
  const { t } = useTranslation();
  return (
    <>
      <BlobImage blob={photo} className="analyse-camera" alt={t("analyse.camera.shot")} />
      <div className="row end">
        <Button look="plain" onPress={onRetake}>
          {t("analyse.camera.retake")}
        </Button>
        <Button onPress={onUse} autoFocus>
          {t("analyse.camera.use")}
        </Button>
      </div>
    </>
  );
}

/** What the video shows at this moment, as JPEG; null before it shows anything. */
async function photoOf(video: HTMLVideoElement, name: string): Promise<File | null> {
  const canvas = document.createElement("canvas");
  Object.assign(canvas, { width: video.videoWidth, height: video.videoHeight });
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
  return blob && new File([blob], name, { type: "image/jpeg" });
}
