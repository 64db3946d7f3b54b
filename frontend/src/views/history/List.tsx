import { Check, CircleCheck, CircleHelp, GitCompare, Trash2 } from "lucide-react";
import { useState } from "react";
import { Checkbox, CheckboxGroup } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { Link, useLocation } from "wouter";
import { useWords } from "../../i18n/words";
import type { Analysis } from "../../stores/analyses";
import { Button } from "../../ui/Button";
import { forgetPicture } from "../analyse/forget";
import { useShare } from "../result/useShare";
import { Clear } from "./Clear";
import { EVERY, Filters, type Wanted, fits } from "./Filters";

const COMPARED = 2;

/** The results, the newest first, to be filtered, opened, compared and removed. */
export function List({ items }: { items: readonly Analysis[] }) {
  const { t } = useTranslation();
  const [, go] = useLocation();
  const [wanted, setWanted] = useState<Wanted>(EVERY);
  const [chosen, setChosen] = useState<string[]>([]);
  const shown = items.filter((item) => fits(item, wanted));
  const compared = chosen.filter((id) => items.some((item) => item.id === id));
  return (
    <>
      <div className="history-bar">
        <Filters items={items} wanted={wanted} onChange={setWanted} />
        <Clear />
      </div>
      {items.length > 1 && (
        <div className="row apart">
          <p role="status" className="quiet-text">
            {compared.length > 0 ? t("history.chosen", { count: compared.length }) : t("history.compareHint")}
          </p>
          <Button look="plain" isDisabled={compared.length !== COMPARED} onPress={() => go(`/history/${compared.join("/")}`)}>
            <GitCompare aria-hidden size={18} />
            {t("history.compare")}
          </Button>
        </div>
      )}
      {shown.length === 0 && <p role="status">{t("history.none")}</p>}
      <h3 id="history-list" tabIndex={-1} className="visually-hidden">
        {t("history.list")}
      </h3>
      <CheckboxGroup aria-labelledby="history-list" value={compared} onChange={setChosen}>
        <ul className="history-rows">
          {shown.map((item) => (
            <Row key={item.id} item={item} canChoose={items.length > 1 && (compared.length < COMPARED || compared.includes(item.id))} />
          ))}
        </ul>
      </CheckboxGroup>
    </>
  );
}

function Row({ item, canChoose }: { item: Analysis; canChoose: boolean }) {
  const { t } = useTranslation();
  const words = useWords();
  const share = useShare();
  const { id, file, model, picture, addedAt, prediction } = item;
  const about = { name: file.name, time: words.time(addedAt) };
  const Icon = prediction?.result ? CircleCheck : CircleHelp;
  return (
    <li className="history-row">
      <Checkbox value={id} className="check history-check" isDisabled={!canChoose} aria-label={t("history.choose", about)}>
        {({ isSelected }) => <span className="box">{isSelected && <Check aria-hidden size={14} />}</span>}
      </Checkbox>
      <Link href={`/history/${id}`} className="history-open">
        <img src={picture} alt="" />
        <span className="history-text">
          <bdi className="history-name">{file.name}</bdi>
          <span className="history-answer">
            <Icon aria-hidden size={16} />
            {prediction?.result ? `${words.label(prediction.result)} · ${share(prediction.confidence)}` : t("history.noAnswer")}
          </span>
          <small>
            {words.model(model)} · {about.time}
          </small>
        </span>
      </Link>
      <Button look="quiet" aria-label={t("history.remove", about)} onPress={() => remove(id)}>
        <Trash2 aria-hidden size={18} />
      </Button>
    </li>
  );
}

/** Then the list is where one is, or the view when it was the last. */
function remove(id: string): void {
  forgetPicture(id);
  requestAnimationFrame(() => (document.getElementById("history-list") ?? document.getElementById("content"))?.focus());
}
