/** GraphiQL, for the GraphQL function to serve as one file that needs no network. It asks wherever it came from. */
import "graphiql/style.css";
import { createGraphiQLFetcher } from "@graphiql/toolkit";
import { GraphiQL } from "graphiql";
import { createRoot } from "react-dom/client";

const example = document.getElementById("example")?.textContent ?? "";

createRoot(document.getElementById("root")!).render(
  <GraphiQL fetcher={createGraphiQLFetcher({ url: location.pathname })} defaultQuery={example} />,
);
