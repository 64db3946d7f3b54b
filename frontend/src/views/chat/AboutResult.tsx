import { ScanLine, X } from "lucide-react";
import { useTranslation } from "react-i18next";
import { Link } from "wouter";
import { useWords } from "../../i18n/words";
import { useHandover } from "../../stores/handover";
import { Button } from "../../ui/Button";

/** Which result the question came from, with the way back to it. */
export function AboutResult({ onDrop }: { onDrop: () => void }) {
  const { t } = useTranslation();
  const words = useWords();
  const about = useHandover((handover) => handover.about);
  const drop = useHandover((handover) => handover.drop);
  if (!about) return null;
  const what = [words.model(about.model), words.label(about.label)].join(t("common.comma"));
  return (
    <p className="chat-about">
      <ScanLine aria-hidden size={16} />
      {t("chat.about", { what })} <Link href={`/history/${about.id}`}>{t("chat.backToResult")}</Link>
      <Button look="quiet" aria-label={t("chat.dropAbout")} onPress={() => (drop(), onDrop())}>
        <X aria-hidden size={16} />
      </Button>
    </p>
  );
}
