import { ExternalLink } from "lucide-react";
import { useTranslation } from "react-i18next";

interface Props {
  url: string | null | undefined;
  /** Which one, for those who hear the links without what is around them. */
  about?: string;
  children: string;
}

/** A link to another program, in a tab of its own; nothing where there is none. Only http(s) is followed. */
export function Outside({ url, about, children }: Props) {
  const { t } = useTranslation();
  if (!url || !/^https?:\/\//.test(url)) return null;
  return (
    <a className="system-outside" href={url} target="_blank" rel="noreferrer noopener">
      {children}
      <ExternalLink aria-hidden size={14} />
      <span className="visually-hidden">
        {about} {t("system.links.newTab")}
      </span>
    </a>
  );
}
