/** VOTable, as TAP services answer: the first table of the document, in its TABLEDATA form. */
import { SaxesParser } from "saxes";
import { FileFault, type Table } from "./table";

/** Raises FileFault. */
export function readVotable(text: string): Table {
  const table: Table = { names: [], rows: [], lines: [], bad: [] };
  const missing: (string | undefined)[] = [];
  let tables = 0;
  let row: string[] = [];
  let cell: string | null = null;
  const parser = new SaxesParser();
  parser.on("error", (error) => {
    throw new FileFault("unreadable", error.message);
  });
  parser.on("opentag", ({ name, attributes }) => {
    const tag = name.replace(/^.*:/, "");
    if (tag === "TABLE") tables += 1;
    if (tables !== 1) return;
    if (tag === "FIELD") {
      table.names.push(attributes["name"] ?? attributes["ID"] ?? `column${table.names.length + 1}`);
      missing.push(undefined);
    } else if (tag === "VALUES" && missing.length > 0) missing[missing.length - 1] = attributes["null"];
    else if (tag === "TR") row = [];
    else if (tag === "TD") cell = "";
    else if (tag === "BINARY" || tag === "BINARY2") throw new FileFault("votableBinary");
  });
  const add = (piece: string) => {
    if (cell !== null) cell += piece;
  };
  parser.on("text", add);
  parser.on("cdata", add);
  parser.on("closetag", ({ name }) => {
    const tag = name.replace(/^.*:/, "");
    if (tables !== 1) return;
    if (tag === "TD" && cell !== null) {
      const told = cell.trim();
      row.push(told === missing[row.length] ? "" : told);
      cell = null;
    } else if (tag === "TR") {
      const number = table.rows.length + table.bad.length + 1;
      if (row.length !== table.names.length) table.bad.push({ line: number, kind: "width", found: row.length, expected: table.names.length });
      else {
        table.rows.push(row);
        table.lines.push(number);
      }
    }
  });
  parser.write(text).close();
  if (tables === 0) throw new FileFault("noTable");
  return table;
}
