/** One object: the form, the answer, and the request to copy. */
import Box from "@mui/material/Box";
import Stack from "@mui/material/Stack";
import { useEffect, useRef, useState } from "react";
import type { Config } from "../../api/config";
import { type Answered, type Protocol, predict } from "../../api/predict";
import { remember } from "../../history";
import { useLanguage } from "../../language";
import { EXAMPLES } from "../../objects/examples";
import type { Values } from "../../objects/fields";
import { linkedObject } from "../../objects/link";
import { faults } from "../../objects/validate";
import { useStored } from "../../stored";
import { Failure } from "../shared/Failure";
import { Heading } from "../shared/Heading";
import { Answer } from "./Answer";
import { Examples } from "./Examples";
import { ObjectForm } from "./ObjectForm";
import { RequestText } from "./RequestText";

export function ClassifyPage({ config }: { config: Config }) {
  const { say } = useLanguage();
  const [values, setValues] = useStored<Values>("object", EXAMPLES.galaxy);
  const [protocol, setProtocol] = useStored<Protocol>("protocol", "REST");
  const [answered, setAnswered] = useStored<Answered | null>("answer", null);
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);
  const [asked, setAsked] = useState(false);
  const outcome = useRef<HTMLDivElement>(null);

  useEffect(() => {
    const follow = () => {
      const linked = linkedObject(location.hash);
      if (!linked) return;
      setValues(linked);
      setAnswered(null);
      setError(null);
      history.replaceState(null, "", "#/classify"); // what is typed from now on is another object
    };
    follow();
    addEventListener("hashchange", follow);
    return () => removeEventListener("hashchange", follow);
  }, [setValues, setAnswered]);

  async function ask() {
    setAsked(true);
    if (Object.keys(faults(values)).length > 0) return;
    setBusy(true);
    try {
      const found = await predict(protocol, values, config);
      remember(found);
      setAnswered(found);
      setError(null);
    } catch (failure) {
      setError(failure);
      setAnswered(null);
    } finally {
      setBusy(false);
      if (outcome.current && outcome.current.getBoundingClientRect().top > innerHeight / 2) {
        outcome.current.scrollIntoView({ block: "start" }); // on a narrow screen it is below the form
      }
    }
  }

  function change(next: Values) {
    setValues(next);
    setAnswered(null); // it was the answer for another object
    setError(null);
  }

  return (
    <>
      <Heading title={say("title")} intro={say("classifyIntro")} />
      <Box sx={{ display: "grid", gap: 3, gridTemplateColumns: { xs: "minmax(0, 1fr)", lg: "minmax(0, 7fr) minmax(0, 5fr)" } }}>
        <Stack spacing={2}>
          <Examples onChoose={change} />
          <ObjectForm
            values={values}
            protocol={protocol}
            busy={busy}
            showMissing={asked}
            onChange={change}
            onProtocol={setProtocol}
            onSubmit={() => void ask()}
          />
        </Stack>
        <Stack spacing={2} ref={outcome} sx={{ minWidth: 0, scrollMarginTop: { xs: "7rem", md: "5rem" } }}>
          {error !== null && <Failure error={error} onRetry={() => void ask()} />}
          <Answer answered={answered} />
          <RequestText values={values} config={config} />
        </Stack>
      </Box>
    </>
  );
}
