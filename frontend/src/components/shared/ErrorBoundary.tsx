import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { Component, type ReactNode } from "react";
import { useLanguage } from "../../language";

interface Props {
  children: ReactNode;
}

/** Keeps a fault in one section from leaving the page blank. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    return this.state.failed ? <Broken /> : this.props.children;
  }
}

function Broken() {
  const { say } = useLanguage();
  return (
    <Alert severity="error" action={<Button onClick={() => location.reload()}>{say("reload")}</Button>}>
      {say("broken")}
    </Alert>
  );
}
