import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { Component, type ComponentType, type LazyExoticComponent, Suspense, lazy, useState } from "react";
import { useLanguage } from "../../language";
import { Loading } from "./Loading";

type Module<P> = { default: ComponentType<P> };

/** A part of the page that is loaded when it is first shown, and again by a button where that failed. */
export function retried<P extends object>(load: () => Promise<Module<P>>): ComponentType<P> {
  // One for all places, so that it is loaded once; a failed one is exchanged.
  let part = attempt(load);
  // biome-ignore lint/correctness/noComponentHookFactories: called at the top level of modules, as React.lazy is
  return function Retried(props: P) {
    const [Part, setPart] = useState<LazyExoticComponent<ComponentType<P>>>(() => part);
    const retry = () => {
      part = attempt(load);
      setPart(() => part);
    };
    const Shown = Part as ComponentType<P>;
    return (
      <LoadBoundary key={String(keyOf(Part))} onRetry={retry}>
        <Suspense fallback={<Loading />}>
          <Shown {...props} />
        </Suspense>
      </LoadBoundary>
    );
  };
}

class LoadFailed extends Error {}

function attempt<P>(load: () => Promise<Module<P>>) {
  return lazy(() =>
    load().catch((error: unknown) => {
      throw new LoadFailed(error instanceof Error ? error.message : String(error));
    }),
  );
}

const keys = new WeakMap<object, number>();
let last = 0;

function keyOf(part: object): number {
  let key = keys.get(part);
  if (key === undefined) {
    last += 1;
    key = last;
    keys.set(part, key);
  }
  return key;
}

interface Props {
  onRetry: () => void;
  children: React.ReactNode;
}

/** Catches failed loads alone; other errors go to the boundary above. */
class LoadBoundary extends Component<Props, { error: unknown }> {
  override state = { error: null as unknown };

  static getDerivedStateFromError(error: unknown) {
    return { error };
  }

  override render() {
    if (this.state.error === null) return this.props.children;
    if (!(this.state.error instanceof LoadFailed)) throw this.state.error;
    return <NotLoaded onRetry={this.props.onRetry} />;
  }
}

function NotLoaded({ onRetry }: { onRetry: () => void }) {
  const { say } = useLanguage();
  return (
    <Alert severity="error" action={<Button onClick={onRetry}>{say("retry")}</Button>}>
      {say("notLoaded")}
    </Alert>
  );
}
