"""What is done with the properties of functions and of what belongs to them.

Mirrors ``AWS::Serverless::Function`` and ``LayerVersion`` of the SAM specification, and ``AWS::Lambda::…`` of the
CloudFormation template reference.
"""

from __future__ import annotations

import platform

from lambda_emulator.template.coverage.status import (
    DEPLOYS,
    DESCRIBES,
    DONE,
    Table,
    below,
    done,
    each,
    refused,
    told,
    warned,
)

NO_IAM = "IAM grants and denies nothing here: functions act with the credentials of the shell or of --profile"
NO_KEYS = "nothing is encrypted here"
_PROCESSOR = "x86_64" if platform.machine() in ("x86_64", "AMD64") else "arm64"
_SNAP_START = warned("functions start without a snapshot here, and runtime hooks are not called", "None")
_TRACING = warned("no trace is recorded here", "PassThrough")
_WARM = warned("no environment is kept warm by it here; --warm-containers EAGER keeps one of each function")

_FUNCTION: Table = {
    "Architectures": warned("code runs on this machine's own processor", [_PROCESSOR]),
    "CapacityProviderConfig": warned("functions run one invocation in each environment here"),
    "CodeSigningConfigArn": warned("no signature is checked here"),
    "Description": DONE,
    "DurableConfig": done("executions are kept by AWS's own testing engine, in memory"),
    "Environment": DONE,
    "EphemeralStorage": warned("temporary space is not limited here; the Lambda API reports the size", {"Size": 512}),
    "FileSystemConfigs": warned("no file system is mounted here; paths are those of this machine", []),
    "FunctionName": DONE,
    "FunctionScalingConfig": warned("environments follow the cores and --concurrency here"),
    "Handler": DONE,
    "ImageConfig": refused("container images do not run here"),
    "KmsKeyArn": warned(NO_KEYS),
    "Layers": DONE,
    "LoggingConfig": done("format, levels, and the name of the group; logs go to the console or `--log-file`"),
    "MemorySize": DONE,
    "PackageType": done("`Zip`; a function with `Image` is left out"),
    "PublishToLatestPublished": warned("there is one version here, $LATEST"),
    "RecursiveLoop": warned("no loop of calls is noticed here", "Allow"),
    "ReservedConcurrentExecutions": DONE,
    "Role": warned(NO_IAM),
    "Runtime": done("every Python 3 runtime, on the Python at hand; a function of another language is left out"),
    "RuntimeManagementConfig": warned("functions run on the Python at hand here", {"UpdateRuntimeOn": "Auto"}),
    "SnapStart.ApplyOn": _SNAP_START,
    "Tags": DONE,
    "TenancyConfig": DONE,
    "Timeout": DONE,
    "VpcConfig": warned("functions run in this machine's own network"),
}

FUNCTIONS: dict[str, Table] = {
    "AWS::Serverless::Function": {
        **_FUNCTION,
        **each(warned(NO_IAM), "AssumeRolePolicyDocument", "PermissionsBoundary", "Policies", "RolePath"),
        "AutoPublishAlias": DONE,
        **each(DEPLOYS, "AutoPublishAliasAllProperties", "AutoPublishCodeSha256", "DeploymentPreference"),
        **each(DEPLOYS, "VersionDeletionPolicy"),
        "CodeUri": done("a local folder, file or zip; a function whose code is in S3 is left out"),
        "DeadLetterQueue": DONE,
        "EventInvokeConfig": DONE,
        "Events": done("see the types of events below"),
        **below(
            "FunctionUrlConfig",
            {
                "AuthType": told("`AWS_IAM` is not enforced"),
                "Cors": DONE,
                "InvokeMode": told("`RESPONSE_STREAM`: responses are sent whole"),
            },
        ),
        "ImageUri": refused("container images do not run here"),
        "InlineCode": DONE,
        "PropagateTags": DESCRIBES,
        "ProvisionedConcurrencyConfig": _WARM,
        "SourceKMSKeyArn": warned(NO_KEYS),
        "Tracing": _TRACING,
        "VersionDescription": DESCRIBES,
    },
    "AWS::Lambda::Function": {
        **_FUNCTION,
        "Code": done("a local folder, file or zip, or inline; a function whose code is in S3 is left out"),
        "DeadLetterConfig": DONE,
        "TracingConfig.Mode": _TRACING,
    },
    "AWS::Lambda::Alias": {
        **each(DONE, "FunctionName", "FunctionVersion", "Name"),
        "Description": DESCRIBES,
        "ProvisionedConcurrencyConfig": _WARM,
        "RoutingConfig": warned("there is one version here, to which every call goes"),
    },
    "AWS::Lambda::Version": {
        "FunctionName": DONE,
        "CodeSha256": DEPLOYS,
        "Description": DESCRIBES,
        "FunctionScalingConfig": warned("environments follow the cores and --concurrency here"),
        "ProvisionedConcurrencyConfig": _WARM,
        "RuntimePolicy": warned("functions run on the Python at hand here", {"UpdateRuntimeOn": "Auto"}),
    },
    "AWS::Lambda::EventInvokeConfig": {
        **each(DONE, "DestinationConfig", "FunctionName", "MaximumEventAgeInSeconds", "MaximumRetryAttempts"),
        "Qualifier": done("the settings hold for every qualifier"),
    },
    "AWS::Serverless::LayerVersion": {
        "ContentUri": done("a local folder or zip"),
        "LayerName": DONE,
        **each(DESCRIBES, "CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo"),
        **each(DEPLOYS, "PublishLambdaVersion", "RetentionPolicy"),
    },
    "AWS::Lambda::LayerVersion": {
        "Content": done("a local folder or zip"),
        "LayerName": DONE,
        **each(DESCRIBES, "CompatibleArchitectures", "CompatibleRuntimes", "Description", "LicenseInfo"),
    },
    "AWS::Lambda::Url": {
        "AuthType": told("`AWS_IAM` is not enforced"),
        "Cors": DONE,
        "InvokeMode": told("`RESPONSE_STREAM`: responses are sent whole"),
        "Qualifier": done("there is one version here, to which every call goes"),
        "TargetFunctionArn": DONE,
    },
    "AWS::Serverless::Application": {
        "Location": done("a local template; others are left out"),
        "Parameters": DONE,
        **each(DEPLOYS, "NotificationARNs", "TemplateUrl", "TimeoutInMinutes"),
        "Tags": DESCRIBES,
    },
    "AWS::CloudFormation::Stack": {
        "TemplateURL": done("a local template; others are left out"),
        "Parameters": DONE,
        **each(DEPLOYS, "NotificationARNs", "TimeoutInMinutes"),
        "Tags": DESCRIBES,
    },
}
