/** True classes in rows, predicted ones in columns; the darker, the greater the share of its row. */
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TableRow from "@mui/material/TableRow";
import { alpha, useTheme } from "@mui/material/styles";
import { CLASSES } from "../../api/client";
import { useLanguage } from "../../language";
import { ScrollingTable } from "./ScrollingTable";

export function ConfusionMatrix({ name, matrix }: { name: string; matrix: number[][] }) {
  const { say, language } = useLanguage();
  const { palette } = useTheme();
  return (
    <ScrollingTable sx={{ mt: 1 }}>
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
                    {count.toLocaleString(language)}
                  </TableCell>
                ))}
              </TableRow>
            );
          })}
        </TableBody>
      </Table>
    </ScrollingTable>
  );
}
