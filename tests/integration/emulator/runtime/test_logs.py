"""Everything that a function writes is caught, in order, and never holds it up."""

from __future__ import annotations

import json

from lambda_emulator.stack import LoggingConfig
from support.stacks import ask, call, function, until

TROUBLED = function("troubled")


async def test_whatever_way_a_function_writes_is_in_the_tail_of_its_log(start):
    service = await start(TROUBLED)
    await call(service, {"do": "state"})
    result = await call(service, {"do": "write_everywhere"}, request_id="r-1")
    lines = result.log_tail.decode().splitlines()
    assert lines[:-1] == [
        "START RequestId: r-1 Version: $LATEST",
        "by print",
        "by stderr",
        "by os.write",
        "by a subprocess",
        "unfinished",
        "END RequestId: r-1",
    ]
    assert lines[-1].startswith("REPORT RequestId: r-1\t")


async def test_the_tail_surely_holds_the_last_words_before_the_answer(start):
    service = await start(TROUBLED)
    for number in range(200):
        result = await call(service, {"do": "write", "text": f"last words {number}\n"})
        assert f"\nlast words {number}\nEND ".encode() in result.log_tail


async def test_the_tail_is_the_last_4_kib(start):
    service = await start(TROUBLED)
    result = await call(service, {"do": "write", "text": "0123456789\n", "times": 5000})
    assert len(result.log_tail) == 4096
    assert b"0123456789\nEND RequestId" in result.log_tail
    assert b"START" not in result.log_tail


async def test_a_very_chatty_function_is_neither_blocked_nor_cut(start, log):
    service = await start(TROUBLED)
    result = await call(service, {"do": "write", "text": "x" * 999 + "\n", "times": 20_000})
    assert result.function_error is None
    await until(lambda: log.lines.count(b"x" * 999 + b"\n") == 20_000)


async def test_a_line_without_end_is_cut(start, log):
    service = await start(TROUBLED)
    await call(service, {"do": "write", "text": "~" * 1_000_000})
    await until(lambda: b"REPORT" in log.lines)
    assert log.lines.count(b"~") == 1_000_000
    assert max(map(len, log.lines.splitlines())) <= 262_144 + 65_536


async def test_bytes_that_are_not_text_pass_as_they_are(start, log):
    service = await start(TROUBLED)
    result = await call(service, {"do": "write_bytes", "codes": [0xFF, 0xFE, 0x00, 0x0A]})
    assert b"\xff\xfe\x00\n" in result.log_tail
    await until(lambda: b"\xff\xfe\x00\n" in log.lines)


async def test_what_is_written_after_the_answer_is_logged_too(start, log):
    service = await start(TROUBLED)
    result = await call(service, {"do": "write_later", "text": "afterthought\n", "seconds": 0.1})
    assert b"afterthought" not in result.log_tail
    await until(lambda: b"afterthought\n" in log.lines)
    assert json.loads((await call(service, {"do": "state"})).payload)["calls"] == 2


async def test_a_function_that_closes_its_output_lives_on(start):
    service = await start(TROUBLED)
    await call(service, {"do": "close_output"})
    assert (await ask(service, {"do": "state"}))["calls"] == 2


async def test_a_function_without_a_sink_works(start):
    service = await start(TROUBLED, log_sink=None)
    assert b"hello" in (await call(service, {"do": "write", "text": "hello"})).log_tail
    assert await ask(service, {"do": "state"})


async def test_the_json_format_is_that_of_the_function_and_of_the_platform(start, log, tmp_path):
    (tmp_path / "app.py").write_text(
        "import logging\n"
        "def lambda_handler(event, context):\n"
        "    logging.getLogger().debug('quiet')\n"
        "    logging.getLogger().info('said', extra={'a': 1})\n"
        "    raise ValueError('no')\n"
    )
    config = LoggingConfig("JSON", "INFO", "DEBUG", "/mine")
    service = await start(function(tmp_path, logging=config))
    result = await call(service, {}, request_id="r-1")
    assert result.function_error == "Unhandled"
    await until(lambda: b"platform.report" in log.lines)
    lines = [json.loads(line) for line in log.lines.splitlines()]
    assert [line["type"] for line in lines if "type" in line] == [
        *(f"platform.{kind}" for kind in ("initStart", "initRuntimeDone", "initReport", "start")),
        *(f"platform.{kind}" for kind in ("runtimeDone", "report")),
    ]
    said, failed = (line for line in lines if "type" not in line)
    assert (said["level"], said["message"], said["requestId"]) == ("INFO", "said", "r-1")
    assert failed["errorType"] == "ValueError"
    assert lines[-1]["record"]["errorType"] == "ValueError"


async def test_a_wrapper_script_of_a_layer_starts_the_runtime(start, tmp_path):
    wrapper = tmp_path / "wrap"
    wrapper.write_text('#!/bin/sh\nexport WRAPPED=yes\nexec "$@"\n')
    wrapper.chmod(0o755)
    code = tmp_path / "code"
    code.mkdir()
    (code / "app.py").write_text("import os\ndef lambda_handler(event, context):\n    return os.environ['WRAPPED']\n")
    wrapped = function(code, layer_dirs=(tmp_path,), environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/wrap"})
    assert await ask(await start(wrapped)) == "yes"


async def test_a_wrapper_script_that_is_not_there_is_the_function_s_error(start):
    service = await start(function(environment={"AWS_LAMBDA_EXEC_WRAPPER": "/opt/none"}))
    result = await call(service)
    assert json.loads(result.payload)["errorType"] == "Runtime.InvalidEntrypoint"
    assert "/opt/none" in json.loads(result.payload)["errorMessage"]
