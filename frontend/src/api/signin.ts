/**
 * Signing in at the issuer of access tokens: authorization code with PKCE (RFC 7636), as a public client.
 * The token is in memory alone, so that it is gone with the page.
 */
import { useSyncExternalStore } from "react";

const CLIENT = "stellar-page";
const KEPT = "stellar-sign-in";

interface Kept {
  verifier: string;
  state: string;
  hash: string;
}

interface Endpoints {
  authorization_endpoint: string;
  token_endpoint: string;
}

let token: string | null = null;
let failure: string | null = null;
const watchers = new Set<() => void>();

function changed(): void {
  for (const watcher of watchers) watcher();
}

function watch(watcher: () => void): () => void {
  watchers.add(watcher);
  return () => watchers.delete(watcher);
}

/** The header for calls to the APIs, which are never at the page's own relative addresses. */
export function bearer(url: string): Record<string, string> {
  return token !== null && !url.startsWith("/") ? { authorization: `Bearer ${token}` } : {};
}

export function forget(): void {
  token = null;
  changed();
}

export function useSignedIn(): { signedIn: boolean; failure: string | null } {
  const signedIn = useSyncExternalStore(watch, () => token !== null);
  return { signedIn, failure: useSyncExternalStore(watch, () => failure) };
}

function base64url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

async function endpoints(issuer: string): Promise<Endpoints> {
  const answer = await fetch(`${issuer}/.well-known/openid-configuration`);
  if (!answer.ok) throw new Error(`${answer.status} ${issuer}`);
  return (await answer.json()) as Endpoints;
}

/** Leave for the issuer's sign-in; it sends the browser back to this page. */
export async function signIn(issuer: string): Promise<void> {
  try {
    const { authorization_endpoint } = await endpoints(issuer);
    const verifier = base64url(crypto.getRandomValues(new Uint8Array(32)));
    const state = base64url(crypto.getRandomValues(new Uint8Array(16)));
    const challenge = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(verifier));
    sessionStorage.setItem(KEPT, JSON.stringify({ verifier, state, hash: location.hash } satisfies Kept));
    const asked = new URL(authorization_endpoint);
    asked.search = new URLSearchParams({
      response_type: "code",
      client_id: CLIENT,
      redirect_uri: `${location.origin}/`,
      scope: "predictor",
      state,
      code_challenge: base64url(new Uint8Array(challenge)),
      code_challenge_method: "S256",
    }).toString();
    location.assign(asked);
  } catch (error) {
    fail(error);
  }
}

/** Back from the issuer: exchange the code for a token, and take both out of the address and the storage. */
export async function completeSignIn(issuer: string): Promise<void> {
  const given = new URLSearchParams(location.search);
  const text = sessionStorage.getItem(KEPT);
  sessionStorage.removeItem(KEPT);
  if (!issuer || text === null || !given.has("state")) return;
  const kept = JSON.parse(text) as Kept;
  history.replaceState(null, "", `/${kept.hash}`);
  try {
    const code = given.get("code");
    if (given.get("state") !== kept.state || code === null) throw new Error(given.get("error") ?? "state");
    const { token_endpoint } = await endpoints(issuer);
    const answer = await fetch(token_endpoint, {
      method: "POST",
      body: new URLSearchParams({
        grant_type: "authorization_code",
        code,
        client_id: CLIENT,
        redirect_uri: `${location.origin}/`,
        code_verifier: kept.verifier,
      }),
    });
    const content = (await answer.json()) as { access_token?: string; error_description?: string };
    if (content.access_token === undefined) throw new Error(content.error_description ?? answer.statusText);
    token = content.access_token;
    changed();
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  failure = error instanceof Error ? error.message : String(error);
  changed();
}
