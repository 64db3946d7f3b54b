import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { health } from "../api/client";
import { Trouble } from "../components/Trouble";

const EVERY_MS = 5_000;

export function System() {
  const { t } = useTranslation();
  const { data, error } = useQuery({ queryKey: ["health"], queryFn: health, refetchInterval: EVERY_MS });
  return (
    <section className="card">
      <Trouble error={error} />
      {data && (
        <>
          <h2>
            <State good={data.status === "healthy"} /> {t(`system.${data.status}`)}
          </h2>
          <table>
            <thead>
              <tr>
                <th scope="col">{t("system.service")}</th>
                <th scope="col">{t("system.instances")}</th>
                <th scope="col">{t("system.reason")}</th>
              </tr>
            </thead>
            <tbody>
              {Object.entries(data.services).map(([name, service]) => (
                <tr key={name}>
                  <th scope="row">
                    <State good={service.ready} /> {name}
                  </th>
                  <td>{service.instances.filter((instance) => instance.ready).length}</td>
                  <td dir="auto">{service.reason}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </>
      )}
    </section>
  );
}

function State({ good }: { good: boolean }) {
  const { t } = useTranslation();
  return (
    <span role="img" className={good ? "state good" : "state"} aria-label={t(good ? "system.up" : "system.down")}>
      {good ? "●" : "▲"}
    </span>
  );
}
