// @vitest-environment node
import { gzipSync, strToU8, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import { EXAMPLES } from "../objects/examples";
import { FIELDS } from "../objects/fields";
import type { Column } from "../results/columns";
import { write } from "../results/formats";
import { type Catalogue, type CatalogueFault, type Question, readCatalogue } from "./catalogue";
import { matchColumns } from "./columns";
import { readCsv } from "./csv";
import { openTable } from "./open";

const NAMES = Object.keys(EXAMPLES.galaxy);
const ROW = Object.values(EXAMPLES.galaxy).join(",");
const utf8 = (text: string) => new TextEncoder().encode(text);
const read = (text: string) => readCatalogue(utf8(text));

function catalogue(found: Catalogue | Question | CatalogueFault): Catalogue {
  if (found.kind !== "catalogue") throw new Error(JSON.stringify(found));
  return found as Catalogue;
}

describe("text files", () => {
  it("are read whatever the order of their columns, with a byte order mark and others beside", async () => {
    const found = catalogue(await read(`\uFEFFclass,${NAMES.join(",")}\nGALAXY,${ROW}\n`));
    expect(found.rows[0]).toMatchObject({ line: 2, values: EXAMPLES.galaxy, truth: "GALAXY" });
  });

  it.each([";", "\t", "|", "   "])("may be delimited by %j", (delimiter) => {
    const table = readCsv(`u g r i z\n19 18 17 16 15\n19 18 17 16 15\n`.replaceAll(" ", delimiter));
    expect(table).toMatchObject({ names: ["u", "g", "r", "i", "z"], rows: [["19", "18", "17", "16", "15"], ["19", "18", "17", "16", "15"]], bad: [] });
  });

  it("may have decimal commas between semicolons", () => {
    expect(readCsv("u;g;r\n19,5;18,25;17\n").rows).toEqual([["19.5", "18.25", "17"]]);
  });

  it("lose no row to a stray quotation mark, and its line is named", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index},18,17,16,15,star`);
    lines[10] = '10,18,17,16,15,"star';
    const table = readCsv(`u,g,r,i,z,note\n${lines.join("\n")}\n`);
    expect(table.rows).toHaveLength(29);
    expect(table.bad).toEqual([{ line: 12, kind: "quote" }]);
  });

  it("keep a quoted cell of two lines together", () => {
    const table = readCsv('u,g,note\n1,2,"two\nlines"\n3,4,x\n');
    expect(table.rows).toEqual([["1", "2", "two\nlines"], ["3", "4", "x"]]);
    expect(table.lines).toEqual([2, 4]);
  });

  it("name the lines of the wrong width", () => {
    const table = readCsv("u,g,r\n1,2,3\n1,2,3,4\n1,2\n1,2,3,,\n");
    expect(table.rows).toHaveLength(2);
    expect(table.bad).toEqual([
      { line: 3, kind: "width", found: 4, expected: 3 },
      { line: 4, kind: "width", found: 2, expected: 3 },
    ]);
  });

  it("pass over SkyServer's comment line, and take names from a comment above bare rows", () => {
    expect(readCsv("#Table1\nu,g\n1,2\n")).toMatchObject({ names: ["u", "g"], lines: [3] });
    expect(readCsv("# u g r\n1 2 3\n")).toMatchObject({ names: ["u", "g", "r"], rows: [["1", "2", "3"]] });
  });

  it("may be in UTF-16 and Latin-1", async () => {
    const text = "u,g,note\n1,2,é\n";
    const utf16 = new Uint8Array([0xff, 0xfe, ...[...text].flatMap((sign) => [sign.charCodeAt(0), 0])]);
    const latin1 = new Uint8Array([...text].map((sign) => sign.charCodeAt(0)));
    for (const bytes of [utf16, latin1]) expect((await openTable(bytes, 10)).rows).toEqual([["1", "2", "é"]]);
  });

  it("may be packed by gzip, in several parts too, and by zip", async () => {
    const parts = [gzipSync(strToU8("u,g\n")), gzipSync(strToU8("1,2\n"))].flatMap((part) => [...part]);
    expect((await openTable(new Uint8Array(parts), 10)).rows).toEqual([["1", "2"]]);
    expect((await openTable(zipSync({ "a.csv": strToU8("u,g\n1,2\n") }), 10)).rows).toEqual([["1", "2"]]);
  });

  it("may be JSON Lines, of which every digit is kept", async () => {
    const table = await openTable(utf8('{"objid": 1237663784734294017, "u": 1.5}\n{"u": null}\n{nonsense\n'), 10);
    expect(table).toMatchObject({ names: ["objid", "u"], rows: [["1237663784734294017", "1.5"], ["", ""]], bad: [{ line: 3, kind: "json" }] });
  });

  it("tell what they lack, and what they have", async () => {
    expect(await read("name,u\nVega,1")).toMatchObject({ kind: "missingColumns", columns: "name, u" });
    expect(await read(NAMES.join(","))).toEqual({ kind: "noRows" });
    expect(await readCatalogue(new Uint8Array([0x42, 0x5a, 0x68, 0x39]))).toEqual({ kind: "compression", reason: "bzip2" });
  });

  it("without names are asked about", async () => {
    expect(await read(`${ROW}\n${ROW}\n`)).toMatchObject({ kind: "question", why: "headerless", matching: { mapping: { obj_ID: 0, u: 3 } } });
    const mapping = Object.fromEntries(FIELDS.map(({ name }) => [name, NAMES.indexOf(name)]));
    const answered = catalogue(await readCatalogue(utf8(`${ROW}\n${ROW}\n`), { mapping, truth: null }));
    expect(answered.rows.map((row) => row.values["u"])).toEqual([EXAMPLES.galaxy.u, EXAMPLES.galaxy.u]);
  });

  it.each(["-9999", "-9999.0", "NaN", "null", ""])("take %j as missing", async (mark) => {
    const found = catalogue(await read(`${NAMES.join(",")}\n${Object.values({ ...EXAMPLES.galaxy, redshift: mark }).join(",")}`));
    expect(found.rows[0]!.values["redshift"]).toBe("");
  });
});

describe("columns", () => {
  const match = (text: string) => {
    const names = text.split(" ");
    const { mapping, ...rest } = matchColumns(names, names.length);
    return { ...rest, mapping: Object.fromEntries(Object.entries(mapping).map(([field, column]) => [field, names[column]])) };
  };

  it("have SkyServer's names, in any case", () => {
    expect(match("OBJID ra DEC run camCol field specobjid mjd fiberID u g r i z class").mapping).toMatchObject({
      obj_ID: "OBJID", alpha: "ra", delta: "DEC", run_ID: "run", cam_col: "camCol", field_ID: "field", spec_obj_ID: "specobjid", MJD: "mjd", fiber_ID: "fiberID", z: "z",
    });
  });

  it("take z as the redshift where the bands have other names", () => {
    const found = match("psfMag_u psfMag_g psfMag_r psfMag_i psfMag_z z");
    expect(found.mapping).toMatchObject({ z: "psfMag_z", redshift: "z" });
    expect(found.otherMagnitudes).toBe("psf");
  });

  it("prefer model magnitudes to PSF and dereddened ones", () => {
    const bands = (prefix: string) => [..."ugriz"].map((band) => `${prefix}_${band}`).join(" ");
    expect(match(`${bands("psfMag")} ${bands("dered")} ${bands("modelMag")}`).mapping).toMatchObject({ u: "modelMag_u", z: "modelMag_z" });
    expect(match(bands("dered")).otherMagnitudes).toBe("dereddened");
  });

  it("ask where z may be either", () => {
    expect(matchColumns([...NAMES.filter((name) => name !== "redshift"), "zErr"], 16).question).toBe("ambiguousZ");
    expect(matchColumns(NAMES.filter((name) => name !== "redshift"), 15).question).toBeNull();
  });
});

describe("binary files", () => {
  const columns: Column[] = [
    { name: "objid", type: "long", values: [1237663784734294017n, null] },
    { name: "u", type: "double", values: [19.25, null] },
    { name: "class", type: "text", values: ["GALAXY", "a < b"] },
  ];

  it.each(["Parquet", "FITS", "VOTable", "CSV"] as const)("in %s come back as they were written, every digit of an identifier", async (format) => {
    const bytes = new Uint8Array(await new Blob([await write(format, columns)]).arrayBuffer());
    expect(await openTable(bytes, 10)).toMatchObject({
      names: ["objid", "u", "class"],
      rows: [["1237663784734294017", "19.25", "GALAXY"], ["", "", "a < b"]],
    });
  });

  it("of VOTable in the binary form are told how to be saved", async () => {
    const text = "<?xml version='1.0'?><VOTABLE><RESOURCE><TABLE><FIELD name='u' datatype='double'/><DATA><BINARY2/></DATA></TABLE></RESOURCE></VOTABLE>";
    expect(await read(text)).toEqual({ kind: "votableBinary", reason: "" });
  });
});
