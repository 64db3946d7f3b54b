import { NewTab } from "../../ui/NewTab";

interface Props {
  url: string | null | undefined;
  about?: string;
  children: string;
}

/** A link to another program; nothing where there is none. Only http(s) is followed. */
export function Outside({ url, about, children }: Props) {
  if (!url || !/^https?:\/\//.test(url)) return null;
  return (
    <NewTab className="system-outside" href={url} about={about}>
      {children}
    </NewTab>
  );
}
