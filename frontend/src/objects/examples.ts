/** Objects to begin with. Made up, in the likeness of their kind; the galaxy is the API's own example. */
import type { Values } from "./fields";

const GALAXY: Values = {
  obj_ID: "1237663784734294016", alpha: "135.689", delta: "32.494",
  u: "23.87882", g: "22.2753", r: "20.39398", i: "19.16763", z: "18.79371",
  run_ID: "3606", cam_col: "4", field_ID: "587", spec_obj_ID: "654377782530150400",
  redshift: "0.644", plate: "5812", MJD: "56354", fiber_ID: "171",
};

export const EXAMPLES = {
  galaxy: GALAXY,
  quasar: {
    ...GALAXY, obj_ID: "1237660000000000001", alpha: "191.3", delta: "12.8",
    u: "19.42", g: "19.21", r: "19.05", i: "18.86", z: "18.81", redshift: "1.68",
  },
  star: {
    ...GALAXY, obj_ID: "1237660000000000002", alpha: "52.7", delta: "0.4",
    u: "19.12", g: "17.86", r: "17.35", i: "17.16", z: "17.07", redshift: "-0.00018",
  },
  photometric: { ...GALAXY, redshift: "" },
} satisfies Record<string, Values>;

export type ExampleName = keyof typeof EXAMPLES;
