import { ExternalLink } from "lucide-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";

interface Props {
  href: string;
  className?: string;
  /** Which one, for those who hear the links without what is around them. */
  about?: string | undefined;
  children: ReactNode;
}

/** A link that opens a tab of its own, and says so; the other page learns nothing of this one. */
export function NewTab({ href, className, about, children }: Props) {
  const { t } = useTranslation();
  return (
    <a className={className} href={href} target="_blank" rel="noopener noreferrer">
      {children}
      <ExternalLink aria-hidden size={14} />
      <span className="visually-hidden">
        {about} {t("common.newTab")}
      </span>
    </a>
  );
}
