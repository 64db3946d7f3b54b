import { Check, Copy as CopyIcon, X } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { Button } from "./Button";

const SHOWN_MS = 4_000;

type Outcome = "copied" | "copyFailed";
const ICONS = { copied: Check, copyFailed: X };

/** Copies `text`; says so, or that it could not. */
export function Copy({ text, label }: { text: string; label?: string }) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<Outcome | null>(null);
  useEffect(() => {
    if (!outcome) return;
    const timer = setTimeout(() => setOutcome(null), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);
  const Icon = outcome ? ICONS[outcome] : CopyIcon;
  return (
    <Button look="quiet" onPress={() => void copy(text).then((done) => setOutcome(done ? "copied" : "copyFailed"))}>
      <Icon aria-hidden size={16} />
      <span aria-live="polite">{outcome ? t(`common.${outcome}`) : (label ?? t("common.copy"))}</span>
    </Button>
  );
}

/** True when it is in the clipboard. */
async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return copyBySelection(text); // no clipboard without https, unless it is this machine
  }
}

function copyBySelection(text: string): boolean {
  const focused = document.activeElement;
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "visually-hidden";
  (focused?.parentElement ?? document.body).append(area); // a dialog takes the focus back from what is outside of it
  area.focus();
  area.select();
  try {
    return document.execCommand("copy");
  } catch {
    return false;
  } finally {
    area.remove();
    if (focused instanceof HTMLElement) focused.focus();
  }
}
