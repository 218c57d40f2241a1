import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServiceError } from "../api/client";
import { LanguageProvider } from "../language";
import { en } from "../language/en";
import { es } from "../language/es";
import { EXAMPLES } from "../objects/examples";
import { readCatalogue } from "./many/catalogue";
import { resultsCsv } from "./many/results";
import { ObjectForm } from "./classify/ObjectForm";
import { ErrorBoundary } from "./shared/ErrorBoundary";
import { Failure } from "./shared/Failure";

const show = (element: React.ReactNode) => render(<LanguageProvider>{element}</LanguageProvider>);

beforeEach(() => localStorage.clear());
afterEach(cleanup);

describe("the form", () => {
  const form = (values: Record<string, string>, changes: Partial<Parameters<typeof ObjectForm>[0]> = {}) => (
    <ObjectForm
      values={values}
      protocol="REST"
      busy={false}
      showMissing={false}
      onChange={vi.fn()}
      onProtocol={vi.fn()}
      onSubmit={vi.fn()}
      {...changes}
    />
  );

  it("tells a value beyond its limits, and which they are", () => {
    show(form({ ...EXAMPLES.galaxy, delta: "123" }));
    expect(screen.getByLabelText("delta").getAttribute("aria-invalid")).toBe("true");
    expect(screen.getByText("Allowed: -90 … 90")).toBeTruthy();
  });

  it("does not blame empty fields before the first try", () => {
    show(form({}));
    expect(screen.queryByText("Needed")).toBeNull();
    cleanup();
    show(form({}, { showMissing: true }));
    expect(screen.getAllByText("Needed")).toHaveLength(15);
  });

  it("is sent with the enter key", async () => {
    const onSubmit = vi.fn();
    show(form(EXAMPLES.galaxy, { onSubmit }));
    await userEvent.type(screen.getByLabelText("redshift"), "{Enter}");
    expect(onSubmit).toHaveBeenCalledOnce();
  });
});

describe("trouble", () => {
  it("names the address that does not answer, and tries again", async () => {
    const onRetry = vi.fn();
    show(<Failure error={new ServiceError("http://h:1/predict", true)} onRetry={onRetry} />);
    expect(screen.getByRole("alert").textContent).toContain("http://h:1/predict");
    await userEvent.click(screen.getByRole("button", { name: "Try again" }));
    expect(onRetry).toHaveBeenCalledOnce();
  });

  it("leaves no part of the page blank", () => {
    const silenced = vi.spyOn(console, "error").mockImplementation(() => undefined);
    const Broken = () => {
      throw new Error("on purpose");
    };
    show(
      <ErrorBoundary>
        <Broken />
      </ErrorBoundary>,
    );
    expect(screen.getByRole("alert").textContent).toContain("failed");
    silenced.mockRestore();
  });
});

describe("files", () => {
  const names = Object.keys(EXAMPLES.galaxy);
  const row = Object.values(EXAMPLES.galaxy).join(",");

  it("are read whatever the order of their columns, with a byte-order mark and others beside", () => {
    expect(readCatalogue(`\uFEFFclass,${names.join(",")}\nGALAXY,${row}\n`)).toMatchObject({ rows: [EXAMPLES.galaxy], cut: false });
  });

  it("that are no catalogue are told by what is missing", () => {
    expect(readCatalogue("name,u\nVega,1")).toMatchObject({ kind: "missingColumns", names: expect.stringContaining("obj_ID") as string });
    expect(readCatalogue(names.join(","))).toEqual({ kind: "noRows" });
  });

  it("of results carry the reason where there is no answer", () => {
    const problems = [{ field: "instances[0].delta", message: "too large", limit: "-90 ≤ delta ≤ 90", value: 123 }];
    const text = resultsCsv([{ row: 1, values: EXAMPLES.galaxy, prediction: null, problems }]);
    expect(text).toContain("delta: -90 ≤ delta ≤ 90");
  });
});

it("both languages take the same values", () => {
  const values = (text: string) => [...text.matchAll(/\{\w+\}/g)].map((match) => match[0]).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) expect(values(es[key]), key).toEqual(values(en[key]));
});
