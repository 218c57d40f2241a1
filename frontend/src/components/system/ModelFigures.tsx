/** The model in use: what it was made of, and its figures on rows that it had not seen. */
import Box from "@mui/material/Box";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableContainer from "@mui/material/TableContainer";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import Typography from "@mui/material/Typography";
import { alpha, useTheme } from "@mui/material/styles";
import { CLASSES, type Metrics, type Model } from "../../api/client";
import { useLanguage } from "../../language";

export function ModelFigures({ model }: { model: Model }) {
  const { say, language } = useLanguage();
  const facts = [
    [say("version"), model.version],
    [say("created"), new Date(model.created).toLocaleString(language)],
    [say("algorithm"), model.training.algorithm],
    [say("rows"), model.data.rows.toLocaleString(language)],
    [say("source"), model.data.source],
    ["SHA-256", Object.values(model.files)[0]?.sha256 ?? ""],
  ];
  return (
    <>
      <Box component="dl" sx={{ m: 0, display: "grid", gap: 0.5, gridTemplateColumns: { xs: "1fr", sm: "12rem 1fr" } }}>
        {facts.map(([name, fact]) => (
          <Box key={name} sx={{ display: "contents" }}>
            <Typography component="dt" color="text.secondary">
              {name}
            </Typography>
            <Typography component="dd" sx={{ m: 0, overflowWrap: "anywhere" }}>
              {fact}
            </Typography>
          </Box>
        ))}
      </Box>
      <Box sx={{ display: "grid", gap: 3, mt: 2, gridTemplateColumns: "repeat(auto-fit, minmax(min(20rem, 100%), 1fr))" }}>
        {Object.entries(model.metrics).map(([variant, metrics]) => metrics && <Variant key={variant} name={variant} metrics={metrics} />)}
      </Box>
    </>
  );
}

function Variant({ name, metrics }: { name: string; metrics: Metrics }) {
  const { say } = useLanguage();
  const figures = [
    [say("macroF1"), metrics.macro_f1],
    [say("accuracy"), metrics.accuracy],
    [say("logLoss"), metrics.log_loss],
    [say("calibrationError"), metrics.calibration_error],
  ] as const;
  return (
    <Box sx={{ minWidth: 0 }}>
      <Typography variant="h3">{name}</Typography>
      {figures.map(([title, figure]) => (
        <Typography key={title} variant="body2">
          {title}: <strong>{figure.toFixed(4)}</strong>
        </Typography>
      ))}
      <Confusion name={name} matrix={metrics.confusion_matrix} />
    </Box>
  );
}

function Confusion({ name, matrix }: { name: string; matrix: number[][] }) {
  const { say } = useLanguage();
  const { palette } = useTheme();
  return (
    <TableContainer sx={{ mt: 1 }} tabIndex={0}>
      <Table size="small" aria-label={`${say("confusion")} (${name})`}>
        <TableHead>
          <TableRow>
            <TableCell>
              {say("confusion")}
              <br />
              <small>{say("trueClass")} ↓</small>
            </TableCell>
            {CLASSES.map((label) => (
              <TableCell key={label} align="right">
                {say(label)}
              </TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {matrix.map((row, truth) => {
            const rows = row.reduce((sum, count) => sum + count, 0);
            return (
              <TableRow key={CLASSES[truth]}>
                <TableCell component="th" scope="row">
                  {say(CLASSES[truth]!)}
                </TableCell>
                {row.map((count, told) => (
                  <TableCell key={CLASSES[told]} align="right" sx={{ bgcolor: alpha(palette.primary.main, (0.35 * count) / Math.max(rows, 1)) }}>
                    {count}
                  </TableCell>
                ))}
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </TableContainer>
  );
}
