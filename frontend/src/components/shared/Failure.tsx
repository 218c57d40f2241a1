import Alert from "@mui/material/Alert";
import Button from "@mui/material/Button";
import { ServiceError } from "../../api/client";
import { useLanguage } from "../../language";

interface Props {
  error: unknown;
  onRetry: () => void;
}

/** What went wrong, what to do, and a button to try again. */
export function Failure({ error, onRetry }: Props) {
  const { say } = useLanguage();
  const away = error instanceof ServiceError && error.unreachable;
  const unauthorized = error instanceof ServiceError && error.unauthorized;
  const reason = error instanceof Error ? error.message : String(error);
  const details = error instanceof ServiceError ? error.fields : [];
  return (
    <Alert
      severity="error"
      action={
        <Button color="inherit" size="small" onClick={onRetry}>
          {say("retry")}
        </Button>
      }
    >
      {away ? say("unreachable", { address: reason }) : unauthorized ? say("signInFirst") : say("failed", { reason })}
      {details.map((each) => (
        <div key={each.field}>
          {each.field}: {each.limit ?? each.message}
        </div>
      ))}
    </Alert>
  );
}
