import { GitCompare } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { useLocation } from "wouter";
import { useWords } from "../../i18n/words";
import { useAnalyses } from "../../stores/analyses";
import { Button } from "../../ui/Button";

/** Goes on to a comparison with another result, the newest first; nothing where there is no other one. */
export function CompareWith({ id }: { id: string }) {
  const { t } = useTranslation();
  const words = useWords();
  const [, go] = useLocation();
  const others = useAnalyses((state) => state.items).filter((item) => item.state === "done" && item.id !== id);
  if (others.length === 0) return null;
  return (
    <MenuTrigger>
      <Button look="plain">
        <GitCompare aria-hidden size={18} />
        {t("result.compare.with")}
      </Button>
      <Popover className="popover">
        <Menu className="menu">
          {others.toReversed().map(({ id: other, file, model, addedAt }) => (
            <MenuItem key={other} id={other} className="option" textValue={file.name} onAction={() => go(`/history/${id}/${other}`)}>
              <span className="compare-option">
                <bdi>{file.name}</bdi>
                <small>
                  {words.model(model)} · {words.time(addedAt)}
                </small>
              </span>
            </MenuItem>
          ))}
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
