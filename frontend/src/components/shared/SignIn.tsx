import Button from "@mui/material/Button";
import Typography from "@mui/material/Typography";
import { forget, signIn, useSignedIn } from "../../api/signin";
import { useLanguage } from "../../language";

/** To the issuer's sign-in, or out again. */
export function SignIn({ issuer }: { issuer: string }) {
  const { say } = useLanguage();
  const { signedIn, failure } = useSignedIn();
  return (
    <>
      {failure !== null && !signedIn && (
        <Typography role="alert" variant="body2" color="error">
          {say("signInFailed", { reason: failure })}
        </Typography>
      )}
      <Button size="small" variant={signedIn ? "text" : "contained"} onClick={() => (signedIn ? forget() : void signIn(issuer))}>
        {say(signedIn ? "signOut" : "signIn")}
      </Button>
    </>
  );
}
