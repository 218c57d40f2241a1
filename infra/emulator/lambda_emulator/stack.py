"""What a SAM template comes to once it is read: plain, immutable data that every other module works from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from lambda_emulator.arn import Location

STACK_NAME = "local"


def split_reference(reference: str) -> tuple[str, str]:
    """Name and qualifier ("" for none) of a function that is given by its name, a partial ARN or its ARN."""
    name, _, qualifier = reference.rpartition(":function:")[2].removeprefix("function:").partition(":")
    return name, qualifier


@dataclass(frozen=True, slots=True)
class AsyncConfig:
    """How asynchronous (``Event``) invocations of a function are retried and where their records go."""

    maximum_retry_attempts: int = 2
    maximum_event_age_seconds: int = 21_600
    on_success: str | None = None  # destination ARN
    on_failure: str | None = None  # destination ARN
    dead_letter: str | None = None  # DeadLetterConfig.TargetArn


@dataclass(frozen=True, slots=True)
class LoggingConfig:
    """``LoggingConfig`` of a function. The levels count with format JSON alone."""

    format: Literal["Text", "JSON"] = "Text"
    application_level: str = "INFO"
    system_level: Literal["DEBUG", "INFO", "WARN"] = "INFO"
    group: str | None = None  # None for /aws/lambda/<function>


@dataclass(frozen=True, slots=True)
class DurableConfig:
    """``DurableConfig`` of a function whose executions are checkpointed."""

    execution_timeout_seconds: int
    retention_days: int = 14


@dataclass(frozen=True, slots=True)
class Function:
    """One Lambda function: where its code is and how it is to be run."""

    logical_id: str
    name: str
    handler: str
    runtime: str
    code_dir: Path
    layer_dirs: tuple[Path, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    memory_mb: int = 128
    limits_memory: bool = True  # False: it may use what the machine has
    timeout_seconds: int = 3
    ephemeral_storage_mb: int = 512
    reserved_concurrency: int | None = None
    architectures: tuple[str, ...] = ("x86_64",)
    description: str = ""
    aliases: tuple[str, ...] = ()
    versions: tuple[str, ...] = ()  # published ones, all of them of the code as it is
    async_config: AsyncConfig = field(default_factory=AsyncConfig)
    tags: Mapping[str, str] = field(default_factory=dict)
    logging: LoggingConfig = field(default_factory=LoggingConfig)
    durable: DurableConfig | None = None
    tenant_isolation: bool = False  # environments are never shared between tenants
    debugged: bool = False  # it may stand still for as long as somebody looks at it, in one environment
    debug_args: tuple[str, ...] = ()  # of Python, before the runtime client: the debugger
    construct: str = ""  # what its author calls it, where a tool such as the CDK made the logical id
    location: Location = field(default_factory=Location)

    @property
    def arn(self) -> str:
        return self.location.function_arn(self.name)

    @property
    def log_group(self) -> str:
        return self.logging.group or f"/aws/lambda/{self.name}"

    def executed_version(self, qualifier: str | None) -> str | None:
        """The version that runs for a qualifier; None where there is no such version or alias.

        An alias means the newest version, and ``$LATEST`` where none is published.
        """
        if not qualifier or qualifier == "$LATEST":
            return "$LATEST"
        if qualifier in self.aliases:
            return self.versions[-1] if self.versions else "$LATEST"
        return qualifier if qualifier in self.versions else None

    def is_called(self, name: str) -> bool:
        """Whether that means this function: its name, or its logical or construct id, with or without nested stacks."""
        identities = (self.logical_id, self.construct)
        return name in (self.name, *identities) or name in [identity.rpartition("/")[2] for identity in identities]


@dataclass(frozen=True, slots=True)
class Cors:
    """``CorsConfiguration`` of an HTTP API. Empty tuples mean the header is not sent."""

    allow_origins: tuple[str, ...] = ()
    allow_methods: tuple[str, ...] = ()
    allow_headers: tuple[str, ...] = ()
    expose_headers: tuple[str, ...] = ()
    allow_credentials: bool = False
    max_age_seconds: int | None = None


@dataclass(frozen=True, slots=True)
class JwtAuthorizer:
    """A JWT authorizer of an HTTP API."""

    name: str
    issuer: str
    audience: tuple[str, ...]
    identity_source: str = "$request.header.Authorization"


@dataclass(frozen=True, slots=True)
class LambdaAuthorizer:
    """A Lambda authorizer of an HTTP or REST API."""

    name: str
    function: str  # logical id
    kind: Literal["REQUEST", "TOKEN"] = "REQUEST"
    identity_sources: tuple[str, ...] = ()
    payload_format: Literal["1.0", "2.0"] = "2.0"
    simple_responses: bool = False
    result_ttl_seconds: int = 0
    validation_expression: str | None = None  # a TOKEN that does not match it is refused unasked


@dataclass(frozen=True, slots=True)
class RequestValidation:
    """What a method of a REST API asks of its requests."""

    parameters: tuple[str, ...] = ()  # that must be there: "method.request.querystring.page"
    models: Mapping[str, Any] = field(default_factory=dict)  # JSON schemas by content type; "$default" for others


@dataclass(frozen=True, slots=True)
class IntegrationResponse:
    """One answer of an integration that is no proxy."""

    status: int
    pattern: str = ""  # of the function's error or the mock's status; none for the default answer
    parameters: Mapping[str, str] = field(default_factory=dict)  # "method.response.header.X": expression
    templates: Mapping[str, str] = field(default_factory=dict)  # by content type


@dataclass(frozen=True, slots=True)
class MappedIntegration:
    """An integration of a REST API that is no proxy: a function behind mapping templates, or a mock."""

    kind: Literal["aws", "mock"]
    request_templates: Mapping[str, str] = field(default_factory=dict)  # by content type
    passthrough: Literal["WHEN_NO_MATCH", "WHEN_NO_TEMPLATES", "NEVER"] = "WHEN_NO_MATCH"
    responses: tuple[IntegrationResponse, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """One method and path of an API, and the function behind it. ``ANY`` and ``$default`` as AWS writes them."""

    method: str  # "GET", "ANY"; "ANY" too where path is "$default"
    path: str  # "/predict/{proxy+}", "$default"
    function: str  # logical id; empty behind a mock
    payload_format: Literal["1.0", "2.0"] = "2.0"
    timeout_seconds: float = 30.0
    authorizer: str | None = None
    scopes: tuple[str, ...] = ()
    operation_name: str | None = None  # of a REST API's method
    validation: RequestValidation | None = None
    api_key_required: bool = False
    mapped: MappedIntegration | None = None  # None for a proxy

    @property
    def key(self) -> str:
        """The route key, as HTTP APIs name routes."""
        return self.path if self.path == "$default" else f"{self.method} {self.path}"


@dataclass(frozen=True, slots=True)
class Throttle:
    """How many requests a route takes: ``rate`` a second, and ``burst`` at once."""

    rate: float
    burst: int


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key of REST APIs. ``id`` is its logical id."""

    id: str
    value: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Quota:
    """How many requests a key has in a period; ``offset`` of them are used up when the first one begins."""

    limit: int
    period: Literal["DAY", "WEEK", "MONTH"]
    offset: int = 0


@dataclass(frozen=True, slots=True)
class UsagePlan:
    """A usage plan of a REST API's stage."""

    logical_id: str
    keys: tuple[ApiKey, ...]
    throttle: Throttle | None = None
    quota: Quota | None = None
    method_throttles: Mapping[str, Throttle] = field(default_factory=dict)  # by path and method: "/pets/GET"


@dataclass(frozen=True, slots=True)
class OwnResponse:
    """A gateway response in a REST API's own words."""

    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)  # name: "'text'" or "method.request.header.Origin"
    templates: Mapping[str, str] = field(default_factory=dict)  # by content type


@dataclass(frozen=True, slots=True)
class Api:
    """One API Gateway API or function URL."""

    logical_id: str
    kind: Literal["http", "rest", "function_url"]
    routes: tuple[Route, ...]
    stage: str = "$default"
    stage_variables: Mapping[str, str] = field(default_factory=dict)
    cors: Cors | None = None
    binary_media_types: tuple[str, ...] = ()
    authorizers: tuple[JwtAuthorizer | LambdaAuthorizer, ...] = ()
    throttles: Mapping[str, Throttle] = field(default_factory=dict)  # by route key; "" for the routes without their own
    api_key_source: Literal["HEADER", "AUTHORIZER"] = "HEADER"
    usage_plans: tuple[UsagePlan, ...] = ()
    policy: Mapping[str, Any] | None = None  # resource policy, as IAM writes it
    responses: Mapping[str, OwnResponse] = field(default_factory=dict)  # by response type: "DEFAULT_4XX"
    location: Location = field(default_factory=Location)


@dataclass(frozen=True, slots=True)
class EventSource:
    """One event source mapping of a function.

    ``properties`` holds the mapping in the shape of CloudFormation's ``AWS::Lambda::EventSourceMapping``
    (``BatchSize``, ``Topics``, ``FilterCriteria`` …), with every intrinsic already resolved.
    """

    logical_id: str
    function: str  # logical id
    kind: Literal["MSK", "SelfManagedKafka", "SQS"]
    properties: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class InputTransformer:
    """``InputTransformer`` of a rule's target."""

    template: str
    paths: Mapping[str, str] = field(default_factory=dict)  # JSONPath by the name of a variable


@dataclass(frozen=True, slots=True)
class Schedule:
    """A rule of EventBridge with a schedule, or a schedule of EventBridge Scheduler, and the function it invokes."""

    logical_id: str
    function: str  # logical id
    source: Literal["rule", "scheduler"]
    arn: str
    target: str  # ARN of the function, as the template has it
    expression: str
    timezone: str = "UTC"
    enabled: bool = True
    qualifier: str = ""
    input: str | None = None  # None for the event of the service
    input_path: str | None = None  # the part of the event that is sent, of a rule
    transformer: InputTransformer | None = None
    start: str | None = None
    end: str | None = None
    maximum_retry_attempts: int = 185  # of handing the event to Lambda, not of the function
    maximum_event_age_seconds: int = 86_400
    dead_letter: str | None = None  # queue ARN


@dataclass(frozen=True, slots=True)
class Stack:
    """Everything that a template describes and that this package can run."""

    template_path: Path
    functions: Mapping[str, Function]  # by logical id
    apis: tuple[Api, ...] = ()
    event_sources: tuple[EventSource, ...] = ()
    schedules: tuple[Schedule, ...] = ()
    outputs: Mapping[str, str] = field(default_factory=dict)
    layers: Mapping[str, Path] = field(default_factory=dict)  # folders by ARN
    unavailable: Mapping[str, str] = field(default_factory=dict)  # functions that cannot run here, and why
    warnings: tuple[str, ...] = ()
