import { cleanup, render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ServiceError } from "../api/client";
import { LanguageProvider, formatter } from "../language";
import { en } from "../language/en";
import { es } from "../language/es";
import { EXAMPLES } from "../objects/examples";
import { ObjectForm } from "./classify/ObjectForm";
import { ErrorBoundary } from "./shared/ErrorBoundary";
import { Failure } from "./shared/Failure";

const show = (element: React.ReactNode) => render(<LanguageProvider>{element}</LanguageProvider>);

function Broken(): never {
  throw new Error("on purpose");
}

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
    expect(screen.getAllByText("Needed")).toHaveLength(5);
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
    show(
      <ErrorBoundary>
        <Broken />
      </ErrorBoundary>,
    );
    expect(screen.getByRole("alert").textContent).toContain("failed");
    silenced.mockRestore();
  });
});

it("both languages take the same values", () => {
  const values = (text: string) => [...text.matchAll(/\{(\w+)[},]/g)].map((match) => match[1]).sort();
  for (const key of Object.keys(en) as (keyof typeof en)[]) expect(values(es[key]), key).toEqual(values(en[key]));
});

it("counts are told by the rules of the language", () => {
  const english = formatter("en");
  const told = (count: number) => english("{count, plural, one {# row} other {# rows}} could not be classified", { count });
  expect([told(1), told(0), told(1234)]).toEqual(["1 row could not be classified", "0 rows could not be classified", "1,234 rows could not be classified"]);
});
