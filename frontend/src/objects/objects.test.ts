import { describe, expect, it } from "vitest";
import { graphqlVariables } from "../api/graphql";
import { parse } from "graphql";
import { readPrediction } from "../api/live";
import { sectionOf } from "../sections";
import { EXAMPLES } from "./examples";
import { FIELDS, limits } from "./fields";
import { objectJson } from "./json";
import { linkHash, linkedObject } from "./link";
import { PasteError, parsePasted } from "./paste";
import { LANGUAGES, requestText } from "./requests";
import { faults } from "./validate";

const CONFIG = {
  apiUrl: "http://h:1",
  graphqlUrl: "http://h:1/graphql",
  grpcAddress: "h:2",
  mlflowUrl: "http://h:3",
  airflowUrl: "http://h:4",
  issuerUrl: "",
};

describe("fields", () => {
  it("are sixteen, of which the magnitudes are required and the redshift is not", () => {
    expect(FIELDS).toHaveLength(16);
    const required = FIELDS.filter((field) => field.required).map((field) => field.name);
    expect(required).toEqual(expect.arrayContaining(["u", "g", "r", "i", "z"]));
    expect(required).not.toContain("redshift");
  });

  it("have the limits and units of the API's document", () => {
    const delta = FIELDS.find((field) => field.name === "delta")!;
    expect([limits(delta), delta.unit, delta.typical]).toEqual(["-90 … 90", "deg", [-20, 85]]);
    expect(limits(FIELDS.find((field) => field.name === "plate")!)).toBe("≥ 0");
  });
});

describe("validation", () => {
  it.each(Object.entries(EXAMPLES))("finds nothing wrong with the %s", (_, values) => expect(faults(values)).toEqual({}));

  it("tells each kind of mistake", () => {
    const wrong = { ...EXAMPLES.galaxy, u: "", g: "bright", cam_col: "1.5", delta: "123", r: "1e999" };
    expect(faults(wrong)).toEqual({ u: "missing", g: "number", cam_col: "whole", delta: "range", r: "range" });
  });
});

describe("JSON", () => {
  it("keeps every digit of an identifier", () => {
    const text = objectJson({ ...EXAMPLES.galaxy, obj_ID: "1237663784734294017" });
    expect(text).toContain('"obj_ID": 1237663784734294017');
  });

  it.each([["+1", "1"], [".5", "0.5"], ["-.5", "-0.5"], ["5.", "5"], ["007", "7"], ["1e3", "1e3"], ["0", "0"], ["-0.00018", "-0.00018"]])(
    "writes %s as %s",
    (typed, written) => {
      const text = objectJson({ ...EXAMPLES.galaxy, u: typed });
      expect(text).toContain(`"u": ${written},`);
      expect(() => JSON.parse(text) as unknown).not.toThrow();
    },
  );

  it("sends what is no number as it is", () => {
    expect(JSON.parse(objectJson({ ...EXAMPLES.galaxy, u: 'a "b"' }))).toMatchObject({ u: 'a "b"' });
  });

  it("leaves out a redshift that is not there", () => expect(objectJson(EXAMPLES.photometric)).not.toContain("redshift"));

  it("has identifiers as text for GraphQL", () => {
    const { features } = JSON.parse(graphqlVariables(EXAMPLES.galaxy)) as { features: Record<string, unknown> };
    expect(features).toMatchObject({ objID: "1237663784734294016", camCol: 4, redshift: 0.644 });
  });
});

describe("pasting", () => {
  const names = FIELDS.map((field) => field.name);

  it.each(["bare", "wrapped"])("reads JSON that is %s, with all digits", (form) => {
    const object = objectJson(EXAMPLES.quasar);
    const text = form === "bare" ? object : `{"features": ${object}}`;
    expect(parsePasted(text)).toMatchObject({ obj_ID: EXAMPLES.quasar.obj_ID, redshift: "1.68" });
  });

  it("reads a null redshift as none", () => expect(parsePasted('{"u": 1, "redshift": null}')).toEqual({ u: "1", redshift: "" }));

  it("reads a row with names, and one of the catalogue without", () => {
    const row = names.map((name) => EXAMPLES.star[name as "u"]);
    expect(parsePasted(`${names.join(",")}\n${row.join(",")}`)).toEqual(EXAMPLES.star);
    const full = [...row.slice(0, 9), "301", ...row.slice(9, 12), "STAR", ...row.slice(12)];
    expect(parsePasted(full.join(","))).toEqual(EXAMPLES.star);
  });

  it.each(["", "{", "{}", "1,2,3", "u,g"])("refuses %j", (text) => expect(() => parsePasted(text)).toThrow(PasteError));
});

describe("links", () => {
  it("carry the object with every digit of its identifiers", () => {
    const hash = linkHash(EXAMPLES.quasar);
    expect(hash).toMatch(/^#\/classify\?/);
    expect(linkedObject(hash)).toEqual(EXAMPLES.quasar);
    expect(sectionOf(hash)).toBe("classify");
  });

  it("carry nothing that is no field", () => {
    expect(linkedObject("#/classify?evil=1")).toBeNull();
    expect(linkedObject("#/classify")).toBeNull();
  });
});

describe("requests", () => {
  it("GraphQL is one document, which pastes", () => {
    const text = requestText("GraphQL", EXAMPLES.star, CONFIG);
    expect(() => parse(text)).not.toThrow();
    expect(text).toContain('objID: "1237660000000000002"');
  });

  it.each(LANGUAGES)("%s names what it calls", (language) => {
    expect(requestText(language, EXAMPLES.star, CONFIG)).toContain({ curl: "http://h:1/predict", Python: "http://h:1/predict", GraphQL: "mutation", grpcurl: "h:2" }[language]);
  });

  it("quotes for the shell", () => {
    expect(requestText("curl", { ...EXAMPLES.star, u: "it's" }, CONFIG)).toContain(`"it'\\''s"`);
  });
});

it("an identifier of the stream keeps its digits", () => {
  expect(readPrediction('{"obj_ID":1237663784734294017,"label":"STAR"}').obj_ID).toBe("1237663784734294017");
});
