/** The Kafka stream as it is classified. */
import Alert from "@mui/material/Alert";
import Box from "@mui/material/Box";
import Paper from "@mui/material/Paper";
import Stack from "@mui/material/Stack";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { type LivePrediction, type LiveState, type Stats, useLive } from "../../api/live";
import { useLanguage } from "../../language";
import { ClassChip } from "../shared/ClassChip";
import { Heading } from "../shared/Heading";
import { ScrollingTable } from "../shared/ScrollingTable";
import { Panel } from "../shared/Panel";
import { retried } from "../shared/retried";
import { FeedControl } from "./FeedControl";

const Mix = retried(() => import("./Mix"));

export default function LivePage() {
  const { say } = useLanguage();
  const live = useLive();
  return (
    <>
      <Heading title={say("live")} intro={say("liveIntro")} />
      <Stack spacing={2}>
        <Trouble live={live} />
        <Figures stats={live.stats} />
        <FeedControl stats={live.stats} />
        <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 1fr) minmax(0, 1fr)" } }}>
          <Panel title={say("mix")}>
            <Mix past={live.past} />
          </Panel>
          <Panel title={say("newest")}>
            <Newest predictions={live.predictions} />
          </Panel>
        </Box>
      </Stack>
    </>
  );
}

function Trouble({ live }: { live: LiveState }) {
  const { say } = useLanguage();
  if (live.connection === "lost") return <Alert severity="error">{say("streamDown")}</Alert>;
  if (live.stats?.kafka === "down") return <Alert severity="error">{say("kafkaDown")}</Alert>;
  if (live.stats === null) return <Alert severity="info" role="status">{say("connecting")}</Alert>;
  return null;
}

function Figures({ stats }: { stats: Stats | null }) {
  const { say } = useLanguage();
  const figures = [
    [say("rate"), stats?.rate],
    [say("total"), stats?.total],
    [say("lag"), stats?.lag],
    [say("dlq"), stats?.dlq],
  ] as const;
  return (
    <Box sx={{ display: "grid", gap: 2, gridTemplateColumns: "repeat(auto-fit, minmax(min(10rem, 100%), 1fr))" }}>
      {figures.map(([name, figure]) => (
        <Paper key={name} sx={{ p: 2 }}>
          <Typography variant="body2" color="text.secondary">
            {name}
          </Typography>
          <Typography sx={{ fontSize: "1.6rem", fontWeight: 650, fontVariantNumeric: "tabular-nums" }}>{figure ?? "–"}</Typography>
        </Paper>
      ))}
    </Box>
  );
}

function Newest({ predictions }: { predictions: LivePrediction[] }) {
  const { say } = useLanguage();
  if (predictions.length === 0) return <Typography color="text.secondary">{say("waiting")}</Typography>;
  return (
    <ScrollingTable sx={{ maxHeight: 420 }}>
      <Table size="small" stickyHeader aria-label={say("newest")}>
        <TableHead>
          <TableRow>
            {(["object", "label", "probability", "redshift", "milliseconds"] as const).map((key) => (
              <TableCell key={key}>{say(key)}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {predictions.map((each, index) => (
            <TableRow key={`${each.timestamp}-${each.obj_ID}-${index}`}>
              <TableCell>{each.obj_ID}</TableCell>
              <TableCell>
                <ClassChip label={each.label} />
              </TableCell>
              <TableCell>{(100 * each.probabilities[each.label]).toFixed(1)} %</TableCell>
              <TableCell>{each.redshift?.toFixed(4) ?? ""}</TableCell>
              <TableCell>{each.latency_ms}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </ScrollingTable>
  );
}
