import { useMutation } from "@tanstack/react-query";
import { useEffect, useMemo, useRef, useState } from "react";
import { Button, DropZone, FileTrigger, Label, Radio, RadioGroup, Text } from "react-aria-components";
import { useTranslation } from "react-i18next";
import { predict } from "../api/client";
import { Answer } from "../components/Answer";
import { Trouble } from "../components/Trouble";
import { ACCEPTED, MODELS, complaint } from "../pictures";

export function Analyse() {
  const { t } = useTranslation();
  const [model, setModel] = useState<string>(MODELS[0]);
  const [file, setFile] = useState<File | null>(null);
  const picture = useObjectUrl(file);
  const running = useRef<AbortController | null>(null);
  const prediction = useMutation({
    mutationFn: (chosen: File) => {
      running.current?.abort();
      running.current = new AbortController();
      return predict(model, chosen, running.current.signal);
    },
  });
  const refused = file && complaint(file);

  function choose(chosen: File | null | undefined) {
    prediction.reset();
    setFile(chosen ?? null);
  }

  return (
    <div className="columns">
      <section className="card">
        <RadioGroup
          value={model}
          onChange={(chosen) => {
            prediction.reset();
            setModel(chosen);
          }}
        >
          <Label>{t("analyse.what")}</Label>
          {MODELS.map((name) => (
            <Radio key={name} value={name}>
              <span>{t(`models.${name}.name`)}</span>
              <small>{t(`models.${name}.limits`)}</small>
            </Radio>
          ))}
        </RadioGroup>
        <DropZone
          aria-label={t("analyse.drop")}
          onDrop={async (event) => {
            const item = event.items.find((one) => one.kind === "file");
            choose(await item?.getFile());
          }}
        >
          <Text slot="label">{file ? file.name : t("analyse.drop")}</Text>
          <FileTrigger acceptedFileTypes={ACCEPTED} onSelect={(files) => choose(files?.item(0))}>
            <Button className="react-aria-Button plain">{t("analyse.browse")}</Button>
          </FileTrigger>
          {picture && !prediction.data && <img src={picture} alt={t("analyse.picture")} />}
        </DropZone>
        {refused && (
          <p role="alert" className="notice bad">
            {t(`errors.${refused}`)}
          </p>
        )}
        {prediction.isPending ? (
          <Button onPress={() => running.current?.abort()}>{t("analyse.cancel")}</Button>
        ) : (
          <Button isDisabled={!file || refused !== null} onPress={() => file && prediction.mutate(file)}>
            {t("analyse.submit")}
          </Button>
        )}
      </section>
      <div>
        <Trouble error={prediction.error} />
        {prediction.data && picture && <Answer prediction={prediction.data} picture={picture} />}
      </div>
    </div>
  );
}

function useObjectUrl(file: File | null): string | null {
  const url = useMemo(() => (file ? URL.createObjectURL(file) : null), [file]);
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url]);
  return url;
}
