"""The error objects that Lambda itself answers with, where it is not the function's own error.

Wordings follow "Troubleshoot execution issues in Lambda" (AWS Lambda Developer Guide) and recorded answers of AWS.
"""

from __future__ import annotations

import json
import signal
from dataclasses import dataclass

from lambda_emulator.invocation import MAX_SYNC_PAYLOAD


def error_payload(error_type: str, message: str) -> bytes:
    """Lambda's JSON error object, as it stands where the handler's answer would."""
    return json.dumps({"errorType": error_type, "errorMessage": message}).encode()


def type_of(payload: bytes) -> str:
    """The ``errorType`` of an error object; empty where there is none."""
    try:
        content = json.loads(payload)
    except ValueError:
        return ""
    return str(content.get("errorType") or "") if isinstance(content, dict) else ""


def timed_out(request_id: str, timeout_seconds: float) -> bytes:
    """The function ran longer than its ``Timeout``."""
    message = f"RequestId: {request_id} Error: Task timed out after {timeout_seconds:.2f} seconds"
    return error_payload("Sandbox.Timedout", message)


def response_too_large() -> bytes:
    """The handler's answer exceeds the limit of a synchronous invocation."""
    message = f"Response payload size exceeded maximum allowed payload size ({MAX_SYNC_PAYLOAD} bytes)."
    return error_payload("Function.ResponseSizeTooLarge", message)


def exit_reason(returncode: int) -> str:
    """How Lambda words the end of a runtime process; a negative code is the signal that ended it."""
    if returncode == 0:
        return "Runtime exited without providing a reason"
    if returncode > 0:
        return f"Runtime exited with error: exit status {returncode}"
    name = signal.strsignal(-returncode) or f"signal {-returncode}"
    return f"Runtime exited with error: signal: {name.lower()}"


def runtime_exited(request_id: str, returncode: int) -> bytes:
    """The process ended before it answered: ``sys.exit``, a crash, or a kill for want of memory."""
    return error_payload("Runtime.ExitError", f"RequestId: {request_id} Error: {exit_reason(returncode)}")


@dataclass(frozen=True, slots=True)
class RuntimeFailure:
    """Why an environment gave no answer.

    ``reported`` is the error that the function's own code raised while it was imported, as the runtime posted it.
    Where nothing was posted, the process ended with ``returncode``. ``error_type`` is what the log names.
    """

    error_type: str
    reported: bytes | None = None
    returncode: int = 0

    @property
    def killed(self) -> bool:
        """Whether a signal ended the process."""
        return self.reported is None and self.returncode < 0

    def payload(self, request_id: str) -> bytes:
        """What the invocation that waited for it is answered."""
        if self.reported is not None:
            return self.reported
        return runtime_exited(request_id, self.returncode)
