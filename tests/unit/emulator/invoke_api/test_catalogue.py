"""What the Lambda API tells of functions; paging; the mounting of further calls."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from lambda_emulator.asgi import Reply, json_reply
from lambda_emulator.invoke_api import Call, Router, create_app
from lambda_emulator.stack import AsyncConfig
from support.gateway_doubles import AsgiClient, FakeInvoker, a_function

ARN = "arn:aws:lambda:us-east-1:123456789012:function"


def client(*functions: Any, **options: Any) -> AsgiClient:
    return AsgiClient(create_app(FakeInvoker(*functions), **options))


def hello(tmp_path: Path, **settings: Any) -> Any:
    (tmp_path / "app.py").write_text("x = 1\n")
    return a_function("Hello", name="hello-fn", code_dir=tmp_path, **settings)


async def test_get_function(tmp_path: Path) -> None:
    function = hello(
        tmp_path,
        environment={"STAGE": "dev", "AWS_SECRET_ACCESS_KEY": "secret"},
        tags={"team": "a"},
        reserved_concurrency=3,
        layer_dirs=(Path("/layers/model"),),
        async_config=AsyncConfig(dead_letter="arn:aws:sqs:us-east-1:123456789012:q"),
    )
    content = (await client(function).get("/2015-03-31/functions/hello-fn")).json()
    configuration = content["Configuration"]
    assert configuration["FunctionArn"] == "arn:aws:lambda:us-east-1:123456789012:function:hello-fn"
    assert configuration["CodeSize"] == 6
    assert len(configuration["CodeSha256"]) == 44
    assert configuration["Environment"] == {"Variables": {"STAGE": "dev"}}
    assert configuration["Layers"] == [{"Arn": "arn:aws:lambda:us-east-1:123456789012:layer:model:1"}]
    assert configuration["DeadLetterConfig"]["TargetArn"].endswith(":q")
    assert (configuration["State"], configuration["Version"]) == ("Active", "$LATEST")
    assert content["Tags"] == {"team": "a"}
    assert content["Concurrency"] == {"ReservedConcurrentExecutions": 3}
    assert content["Code"]["Location"].startswith("file://")


async def test_the_digest_changes_with_the_code(tmp_path: Path) -> None:
    gateway = client(hello(tmp_path))
    path = "/2015-03-31/functions/hello-fn/configuration"
    before = (await gateway.get(path)).json()["CodeSha256"]
    (tmp_path / "app.py").write_text("x = 22\n")
    assert (await gateway.get(path)).json()["CodeSha256"] != before


async def test_list_functions_pages() -> None:
    gateway = client(*[a_function(f"F{number}") for number in range(120)])
    names: list[str] = []
    marker = ""
    for expected in (50, 50, 20):
        page = (await gateway.get(f"/2015-03-31/functions/{marker}")).json()
        assert len(page["Functions"]) == expected
        names += [function["FunctionName"] for function in page["Functions"]]
        marker = f"?Marker={page['NextMarker']}" if "NextMarker" in page else ""
    assert names == [f"F{number}" for number in range(120)]
    assert marker == ""
    assert len((await gateway.get("/2015-03-31/functions?MaxItems=2")).json()["Functions"]) == 2


@pytest.mark.parametrize("query", ["MaxItems=0", "MaxItems=x", "Marker=%21", "Marker=LTE="])
async def test_a_bad_page_is_refused(query: str) -> None:
    response = await client(a_function()).get(f"/2015-03-31/functions?{query}")
    assert (response.status, response.header("x-amzn-errortype")) == (400, "InvalidParameterValueException")


async def test_aliases_and_versions() -> None:
    gateway = client(a_function("Hello", aliases=("live",)))
    one = "/2015-03-31/functions/Hello"
    assert [alias["Name"] for alias in (await gateway.get(f"{one}/aliases")).json()["Aliases"]] == ["live"]
    assert (await gateway.get(f"{one}/aliases/live")).json()["FunctionVersion"] == "$LATEST"
    assert (await gateway.get(f"{one}/aliases/old")).header("x-amzn-errortype") == "ResourceNotFoundException"
    assert (await gateway.get(f"{one}/versions")).json()["Versions"][0]["Version"] == "$LATEST"
    arn = (await gateway.get(f"{one}?Qualifier=live")).json()["Configuration"]["FunctionArn"]
    assert arn.endswith(":function:Hello:live")


async def test_settings_of_the_account_and_of_one_function() -> None:
    gateway = client(a_function("Hello", reserved_concurrency=5, tags={"a": "b"}), a_function("Other"))
    settings = (await gateway.get("/2016-08-19/account-settings")).json()
    assert settings["AccountLimit"]["UnreservedConcurrentExecutions"] == 995
    assert settings["AccountUsage"]["FunctionCount"] == 2
    path = "/2019-09-30/functions/{}/concurrency"
    assert (await gateway.get(path.format("Hello"))).json() == {"ReservedConcurrentExecutions": 5}
    assert (await gateway.get(path.format("Other"))).json() == {}
    arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3AHello"
    assert (await gateway.get(f"/2017-03-31/tags/{arn}")).json() == {"Tags": {"a": "b"}}


async def test_how_events_are_handled_is_told_where_the_template_says_it() -> None:
    settings = AsyncConfig(maximum_retry_attempts=1, dead_letter="arn:aws:sqs:us-east-1:123456789012:q")
    gateway = client(a_function("Careful", async_config=settings), a_function("Plain"))
    path = "/2019-09-25/functions/{}/event-invoke-config"
    config = (await gateway.get(path.format("Careful"))).json()
    assert (config["MaximumRetryAttempts"], config["MaximumEventAgeInSeconds"]) == (1, 21_600)
    assert config["FunctionArn"] == f"{ARN}:Careful:$LATEST"
    for reference, named in (("Plain", "Plain:$LATEST"), ("Plain?Qualifier=7", "Plain:7"), ("nope", "nope:$LATEST")):
        name, _, query = reference.partition("?")
        response = await gateway.get(f"{path.format(name)}?{query}")
        assert (response.status, response.header("x-amzn-errortype")) == (404, "ResourceNotFoundException")
        assert response.json()["Message"] == f"The function {ARN}:{named} doesn't have an EventInvokeConfig"


async def test_what_a_function_does_not_have_is_left_out(tmp_path: Path) -> None:
    gateway = client(hello(tmp_path))
    configuration = (await gateway.get("/2015-03-31/functions/hello-fn/configuration")).json()
    assert not {"Environment", "Layers", "DeadLetterConfig"} & set(configuration)
    assert len(configuration["RevisionId"]) == 36
    assert configuration["LastUpdateStatus"] == "Successful"


@pytest.mark.parametrize(("path", "key"), [("", "Functions"), ("/Hello/versions", "Versions")])
async def test_lists_have_no_states(path: str, key: str) -> None:
    [listed] = (await client(a_function("Hello")).get(f"/2015-03-31/functions{path}")).json()[key]
    assert listed["FunctionName"] == "Hello"
    assert not {"State", "LastUpdateStatus"} & set(listed)


async def test_all_versions_are_listed_with_their_names() -> None:
    gateway = client(a_function("Hello"))
    [listed] = (await gateway.get("/2015-03-31/functions?FunctionVersion=ALL")).json()["Functions"]
    assert listed["FunctionArn"] == f"{ARN}:Hello:$LATEST"
    response = await gateway.get("/2015-03-31/functions?FunctionVersion=1")
    assert (response.status, response.header("x-amzn-errortype")) == (400, "ValidationException")
    assert response.json()["message"].endswith("Member must satisfy enum value set: [ALL]")


@pytest.mark.parametrize(
    ("reference", "named"),
    [
        ("nope", f"{ARN}:nope"),
        ("nope?Qualifier=7", f"{ARN}:nope:7"),
        ("nope:7?Qualifier=7", f"{ARN}:nope:7"),
        ("999999999999:function:nope", f"{ARN}:nope"),
        (
            "arn:aws:lambda:eu-west-1:999999999999:function:nope:old",
            "arn:aws:lambda:eu-west-1:999999999999:function:nope:old",
        ),
        (f"{ARN}:nope:%24LATEST?Qualifier=%24LATEST", f"{ARN}:nope:$LATEST"),
    ],
)
async def test_an_unknown_function_is_not_found(reference: str, named: str) -> None:
    response = await client().get(f"/2015-03-31/functions/{reference}")
    assert response.status == 404
    assert response.json()["Message"] == f"Function not found: {named}"


@pytest.mark.parametrize("path", ["Hello:live{}?Qualifier=old", f"{ARN}:Hello:1{{}}?Qualifier=%24LATEST"])
async def test_two_qualifiers_that_differ_are_refused(path: str) -> None:
    gateway = client(a_function("Hello", aliases=("live",)))
    for call in ("", "/configuration"):
        response = await gateway.get(f"/2015-03-31/functions/{path.format(call)}")
        assert (response.status, response.header("x-amzn-errortype")) == (400, "InvalidParameterValueException")


async def test_a_router_of_another_part_is_mounted() -> None:
    async def get_mapping(call: Call) -> Reply:
        return json_reply(200, {"UUID": call.parameters["UUID"], "Query": dict(call.query)})

    router = Router()
    router.add("GET", "/2015-03-31/event-source-mappings/{UUID}", get_mapping)
    gateway = client(routers=[router])
    response = await gateway.get("/2015-03-31/event-source-mappings/a%2Fb/?x=1")
    assert response.json() == {"UUID": "a/b", "Query": {"x": "1"}}
    assert (await gateway.get("/2015-03-31/event-source-mappings")).status == 501
