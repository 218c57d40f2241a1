/** What runs, and how good the model is that answers. */
import Link from "@mui/material/Link";
import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import Typography from "@mui/material/Typography";
import { useCallback, useEffect, useState } from "react";
import { type Model, type Service, call } from "../../api/client";
import type { Config } from "../../api/config";
import { useLanguage } from "../../language";
import { Failure } from "../shared/Failure";
import { Heading } from "../shared/Heading";
import { Loading } from "../shared/Loading";
import { Panel } from "../shared/Panel";
import { ModelFigures } from "./ModelFigures";
import { Protocols } from "./Protocols";

interface Found {
  services: Service[];
  model: Model;
}

const EVERY_MS = 5000;

export default function SystemPage({ config }: { config: Config }) {
  const { say } = useLanguage();
  const [found, setFound] = useState<Found | null>(null);
  const [error, setError] = useState<unknown>(null);

  const look = useCallback(async () => {
    try {
      const [{ services }, model] = await Promise.all([
        call<{ services: Service[] }>(`${config.apiUrl}/services`),
        call<Model>(`${config.apiUrl}/model`),
      ]);
      setFound({ services, model });
      setError(null);
    } catch (failure) {
      setError(failure);
    }
  }, [config]);

  useEffect(() => {
    void look();
    const timer = setInterval(() => void look(), EVERY_MS);
    return () => clearInterval(timer);
  }, [look]);

  return (
    <>
      <Heading title={say("system")} intro={say("systemIntro")} />
      <Stack spacing={2}>
        {error !== null && <Failure error={error} onRetry={() => void look()} />}
        {!found && error === null && <Loading />}
        {found && (
          <>
            <Panel title={say("protocols")}>
              <Protocols services={found.services} stale={error !== null} />
            </Panel>
            <Panel title={say("modelInUse")}>
              <ModelFigures model={found.model} />
            </Panel>
          </>
        )}
        <Panel title={say("links")}>
          <Links config={config} />
        </Panel>
      </Stack>
    </>
  );
}

function Links({ config }: { config: Config }) {
  const { say } = useLanguage();
  const [running, setRunning] = useState<string[]>([]);
  useEffect(() => {
    const ask = () => call<{ running: string[] }>("/running.json").then((answer) => setRunning(answer.running), () => setRunning([]));
    void ask();
    const timer = setInterval(() => void ask(), EVERY_MS);
    return () => clearInterval(timer);
  }, []);
  const links = [
    [say("docs"), `${config.apiUrl}/docs`],
    ["GraphiQL", config.graphqlUrl],
    ...(running.includes("mlflow") ? [["MLflow", config.mlflowUrl] as const] : []),
    ...(running.includes("airflow") ? [["Airflow", config.airflowUrl] as const] : []),
  ];
  const quiet = [!running.includes("mlflow") && "MLflow", !running.includes("airflow") && "Airflow"].filter(Boolean).join(", ");
  return (
    <Box sx={{ display: "flex", flexWrap: "wrap", gap: 3 }}>
      {links.map(([name, url]) => (
        <Link key={name} href={url} target="_blank" rel="noreferrer">
          {name}
        </Link>
      ))}
      {quiet && <Typography color="text.secondary">{say("quiet", { names: quiet })}</Typography>}
    </Box>
  );
}
