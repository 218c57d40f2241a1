/** Results in a table that is sorted, filtered and turned page by page: a hundred thousand rows would be too many at once. */
import Box from "@mui/material/Box";
import Button from "@mui/material/Button";
import MenuItem from "@mui/material/MenuItem";
import Table from "@mui/material/Table";
import TableBody from "@mui/material/TableBody";
import TableCell from "@mui/material/TableCell";
import TableHead from "@mui/material/TableHead";
import TablePagination from "@mui/material/TablePagination";
import TableRow from "@mui/material/TableRow";
import TableSortLabel from "@mui/material/TableSortLabel";
import TextField from "@mui/material/TextField";
import { useMemo, useState } from "react";
import { CLASSES } from "../../api/client";
import { useLanguage } from "../../language";
import { showAnswer } from "../../answers";
import { ClassChip } from "../shared/ClassChip";
import { ScrollingTable } from "../shared/ScrollingTable";
import type { Result } from "./batches";

type Column = "line" | "object" | "label" | "probability" | "redshift" | "variant";

const COLUMNS: readonly Column[] = ["line", "object", "label", "probability", "redshift", "variant"];
const SIZES = [10, 25, 100];

function certainty(result: Result): number {
  return Math.max(...Object.values(result.prediction!.probabilities));
}

const KEYS: Record<Column, (result: Result) => number | string> = {
  line: (result) => result.line,
  object: (result) => result.values["obj_ID"] ?? "",
  label: (result) => result.prediction!.label,
  probability: certainty,
  redshift: (result) => (result.values["redshift"] ? Number(result.values["redshift"]) : -Infinity),
  variant: (result) => result.prediction!.model_variant,
};

function sorted(results: Result[], column: Column, direction: "asc" | "desc"): Result[] {
  const key = KEYS[column];
  const sign = direction === "asc" ? 1 : -1;
  return results.toSorted((a, b) => {
    const [x, y] = [key(a), key(b)];
    // Identifiers are text of digits: the longer one is the greater.
    if (column === "object" && typeof x === "string" && typeof y === "string" && x.length !== y.length) return sign * (x.length - y.length);
    return x < y ? -sign : x > y ? sign : 0;
  });
}

export function ResultsTable({ results }: { results: Result[] }) {
  const { say } = useLanguage();
  const [column, setColumn] = useState<Column>("line");
  const [direction, setDirection] = useState<"asc" | "desc">("asc");
  const [label, setLabel] = useState("");
  const [text, setText] = useState("");
  const [page, setPage] = useState(0);
  const [size, setSize] = useState(SIZES[0]!);

  const shown = useMemo(() => {
    const wanted = results.filter((each) => (!label || each.prediction?.label === label) && (each.values["obj_ID"] ?? "").includes(text.trim()));
    return sorted(wanted, column, direction);
  }, [results, label, text, column, direction]);

  function filter(change: () => void) {
    change();
    setPage(0);
  }

  function leastCertain() {
    setColumn("probability");
    setDirection("asc");
    setPage(0);
  }

  function sortBy(chosen: Column) {
    setDirection(chosen === column && direction === "asc" ? "desc" : "asc");
    setColumn(chosen);
    setPage(0);
  }

  return (
    <>
      <Box sx={{ display: "flex", flexWrap: "wrap", gap: 1.5, mb: 1 }}>
        <TextField select label={say("filterClass")} value={label} onChange={(event) => filter(() => setLabel(event.target.value))} sx={{ width: 180 }}>
          <MenuItem value="">{say("all")}</MenuItem>
          {CLASSES.map((name) => (
            <MenuItem key={name} value={name}>
              {say(name)}
            </MenuItem>
          ))}
        </TextField>
        <TextField label={say("find")} value={text} onChange={(event) => filter(() => setText(event.target.value))} sx={{ width: 220 }} />
        <Button onClick={leastCertain}>{say("leastCertain")}</Button>
      </Box>
      <ScrollingTable>
        <Table size="small" aria-label={say("results")}>
          <TableHead>
            <TableRow>
              {COLUMNS.map((each) => (
                <TableCell key={each} sortDirection={column === each ? direction : false}>
                  <TableSortLabel active={column === each} direction={column === each ? direction : "asc"} onClick={() => sortBy(each)}>
                    {say(each)}
                  </TableSortLabel>
                </TableCell>
              ))}
              <TableCell>{say("actions")}</TableCell>
            </TableRow>
          </TableHead>
          <TableBody>
            {shown.slice(page * size, (page + 1) * size).map((each) => (
              <TableRow key={each.line} hover>
                <TableCell>{each.line}</TableCell>
                <TableCell>{each.values["obj_ID"]}</TableCell>
                <TableCell>
                  <ClassChip label={each.prediction!.label} />
                </TableCell>
                <TableCell>{(100 * certainty(each)).toFixed(1)} %</TableCell>
                <TableCell>{each.values["redshift"]}</TableCell>
                <TableCell>{say(`short_${each.prediction!.model_variant}`)}</TableCell>
                <TableCell>
                  <Button
                    size="small"
                    aria-label={`${say("open")}: ${say("line")} ${each.line}`}
                    onClick={() => showAnswer({ prediction: each.prediction!, protocol: "REST", values: each.values, milliseconds: null })}
                  >
                    {say("open")}
                  </Button>
                </TableCell>
              </TableRow>
            ))}
          </TableBody>
        </Table>
      </ScrollingTable>
      <TablePagination
        component="div"
        count={shown.length}
        page={page}
        rowsPerPage={size}
        rowsPerPageOptions={SIZES}
        onPageChange={(_, next) => setPage(next)}
        onRowsPerPageChange={(event) => filter(() => setSize(Number(event.target.value)))}
        labelRowsPerPage={say("rowsPerPage")}
        getItemAriaLabel={(type) => say(`page_${type}`)}
        labelDisplayedRows={({ from, to, count }) => `${from}–${to} / ${count}`}
      />
    </>
  );
}
