/** Where everything is, as the page's server tells at run time. */

export interface Config {
  apiUrl: string;
  graphqlUrl: string;
  grpcAddress: string;
  mlflowUrl: string;
  airflowUrl: string;
  /** Where users sign in; empty where the APIs ask for no token. */
  issuerUrl: string;
}

const DEFAULTS: Config = {
  apiUrl: "http://127.0.0.1:3000",
  graphqlUrl: "http://127.0.0.1:3000/graphql",
  grpcAddress: "127.0.0.1:50051",
  mlflowUrl: "http://127.0.0.1:5000",
  airflowUrl: "http://127.0.0.1:8080",
  issuerUrl: "",
};

/** The addresses; those of `make up` without options where the server does not tell. */
export async function loadConfig(): Promise<Config> {
  try {
    const answer = await fetch("/config.json");
    return answer.ok ? { ...DEFAULTS, ...((await answer.json()) as Partial<Config>) } : DEFAULTS;
  } catch {
    return DEFAULTS;
  }
}
