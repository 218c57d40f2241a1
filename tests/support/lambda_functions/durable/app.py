"""A durable function: a step, a wait, and what its event asks for."""

from __future__ import annotations

from typing import Any

from aws_durable_execution_sdk_python import DurableContext, durable_execution, durable_step
from aws_durable_execution_sdk_python.config import Duration


@durable_step
def double(step_context: Any, number: int) -> int:
    print(f"step {number}", flush=True)
    return number * 2


@durable_execution
def lambda_handler(event: dict[str, Any], context: DurableContext) -> Any:
    doubled = context.step(double(event["number"]))
    context.wait(Duration.from_seconds(1))
    if event.get("fail"):
        raise ValueError("no such star")
    if event.get("ask"):
        return context.wait_for_callback(lambda callback_id, _: print(f"CALLBACK {callback_id}", flush=True))
    return {"doubled": doubled}
