/** Which column of a file is which of the sixteen fields: by a table of names, and a question where names do not decide. */
import { FIELDS } from "../objects/fields";

/** Field → column. */
export type Mapping = Record<string, number>;

export interface Matching {
  mapping: Mapping;
  /** The column with the class that the file itself gives. */
  truth: number | null;
  /** Why the user is asked; null where the names decide. */
  question: "headerless" | "missing" | "ambiguousZ" | null;
  missing: string[];
  /** Magnitudes that are not SDSS model magnitudes, by which the model was trained. */
  otherMagnitudes: "psf" | "dereddened" | null;
}

export const BANDS = ["u", "g", "r", "i", "z"] as const;

/** In the order of preference: the model was trained on model magnitudes without correction for extinction. */
const FAMILIES: readonly ((band: string) => string[])[] = [
  (band) => [band],
  (band) => [`modelmag_${band}`, `modelmag${band}`, `${band}_modelmag`, `${band}mag`, `mag_${band}`, `${band}_mag`],
  (band) => [`cmodelmag_${band}`, `cmodelmag${band}`],
  (band) => [`psfmag_${band}`, `psfmag${band}`, `psf_mag_${band}`, `${band}_psf`],
  (band) => [`petromag_${band}`, `petromag${band}`],
  (band) => [`dered_${band}`, `dered${band}`, `${band}_dered`],
];
const PSF = 3;
const DEREDDENED = 5;

/** Mirrors the table of the Python reader. */
const ALIASES: Record<string, readonly string[]> = {
  obj_ID: ["obj_id", "objid", "photoobjid", "bestobjid", "sdssobjid"],
  alpha: ["alpha", "ra", "raj2000", "ra_icrs", "radeg"],
  delta: ["delta", "dec", "dej2000", "decj2000", "de_icrs", "dedeg", "decl"],
  run_ID: ["run_id", "run"],
  cam_col: ["cam_col", "camcol"],
  field_ID: ["field_id", "field"],
  spec_obj_ID: ["spec_obj_id", "specobjid", "specid"],
  redshift: ["redshift", "zspec", "z_spec", "spec_z", "specz", "zsp", "redshift_spec"],
  plate: ["plate", "plateid"],
  MJD: ["mjd", "spec_mjd"],
  fiber_ID: ["fiber_id", "fiberid", "fiber"],
};
const TRUTH = ["class", "spectype", "spec_class", "label", "true_class"];
/** They come with a spectrum's redshift, never with a magnitude. */
const BESIDE_REDSHIFT = ["zerr", "zwarning", "z_err"];
/** The columns of the SDSS DR17 file without names, in its order. */
const CATALOGUE = "obj_ID alpha delta u g r i z run_ID rerun_ID cam_col field_ID spec_obj_ID class redshift plate MJD fiber_ID".split(" ");

function bare(name: string): string {
  return name.trim().toLowerCase().replace(/^.*[.:]/, "").replace(/[\s-]+/g, "_");
}

export function matchColumns(names: readonly string[], width: number): Matching {
  if (names.length === 0) return guessed(width);
  const known = names.map(bare);
  const find = (aliases: readonly string[]) => aliases.map((alias) => known.indexOf(alias)).find((column) => column >= 0) ?? -1;
  const mapping: Mapping = {};
  for (const [field, aliases] of Object.entries(ALIASES)) if (find(aliases) >= 0) mapping[field] = find(aliases);

  const families = FAMILIES.map((family) => BANDS.map((band) => find(family(band))));
  const complete = families.findIndex((columns) => columns.every((column) => column >= 0));
  const best = complete >= 0 ? complete : families.reduce((most, columns, index) => (told(columns) > told(families[most]!) ? index : most), 0);
  for (const [index, band] of BANDS.entries()) if (families[best]![index]! >= 0) mapping[band] = families[best]![index]!;

  const plainZ = known.indexOf("z");
  let ambiguous = known.filter((name) => name === "z").length > 1;
  if (plainZ >= 0 && mapping["redshift"] === undefined) {
    if (best !== 0) mapping["redshift"] = plainZ;
    // The other bands are plain too, but something says that this z comes from a spectrum.
    else if (BESIDE_REDSHIFT.some((name) => known.includes(name)) || FAMILIES.slice(1).some((family) => find(family("z")) >= 0)) ambiguous = true;
  }
  const missing = FIELDS.filter((field) => field.required && mapping[field.name] === undefined).map((field) => field.name);
  const truth = find(TRUTH);
  return {
    mapping,
    truth: truth >= 0 ? truth : null,
    question: missing.length > 0 ? "missing" : ambiguous ? "ambiguousZ" : null,
    missing,
    otherMagnitudes: best === PSF ? "psf" : best === DEREDDENED ? "dereddened" : null,
  };
}

const told = (columns: readonly number[]) => columns.filter((column) => column >= 0).length;

/** Without names there is only the width to go by, and the user is asked. */
function guessed(width: number): Matching {
  const order = width === CATALOGUE.length ? CATALOGUE : width === FIELDS.length ? FIELDS.map((field) => field.name) : [];
  const mapping: Mapping = {};
  for (const { name } of FIELDS) if (order.includes(name)) mapping[name] = order.indexOf(name);
  const truth = order.indexOf("class");
  return { mapping, truth: truth >= 0 ? truth : null, question: "headerless", missing: [], otherMagnitudes: null };
}
