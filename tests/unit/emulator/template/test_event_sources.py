"""Kafka event source mappings, in the shape of CloudFormation, every value settled."""

import uuid
from pathlib import Path

from lambda_emulator.stack import EventSource
from support.templates import HEAD, load, notes


def test_an_msk_event_keeps_every_property(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Parameters:
  Size: {Type: Number, Default: 500}
  On: {Type: String, Default: 'false'}
Resources:
  Cluster: {Type: AWS::MSK::ServerlessCluster, Properties: {ClusterName: stars}}
  Failed: {Type: AWS::SQS::Queue}
  Secret: {Type: AWS::SecretsManager::Secret}
  Consumer:
    Type: AWS::Serverless::Function
    Properties:
      AutoPublishAlias: live
      Events:
        Stars:
          Type: MSK
          Properties:
            Stream: !GetAtt Cluster.Arn
            Topics: [in]
            StartingPosition: AT_TIMESTAMP
            StartingPositionTimestamp: 1700000000
            BatchSize: !Ref Size
            MaximumBatchingWindowInSeconds: 2
            ConsumerGroupId: group
            Enabled: !Ref On
            FilterCriteria: {Filters: [{Pattern: '{"value": {"x": [1]}}'}]}
            DestinationConfig: {OnFailure: {Destination: !GetAtt Failed.Arn}}
            MaximumRetryAttempts: 3
            MaximumRecordAgeInSeconds: 60
            BisectBatchOnFunctionError: true
            FunctionResponseTypes: [ReportBatchItemFailures]
            ProvisionedPollerConfig: {MinimumPollers: 1, MaximumPollers: 3}
            SourceAccessConfigurations: [{Type: SASL_SCRAM_512_AUTH, URI: !Ref Secret}]
            SchemaRegistryConfig:
              EventRecordFormat: JSON
              SchemaRegistryURI: http://localhost:8081
              SchemaValidationConfigs: [{Attribute: VALUE}]
        Clock: {Type: Schedule, Properties: {Schedule: rate(1 minute)}}
        Table: {Type: DynamoDB, Properties: {Stream: !GetAtt Failed.Arn, StartingPosition: LATEST}}
        Files: {Type: S3, Properties: {Bucket: !Ref Unknown, Events: 's3:ObjectCreated:*'}}
""",
    )
    assert stack.event_sources == (
        EventSource(
            logical_id="ConsumerStars",
            function="Consumer",
            kind="MSK",
            properties={
                "EventSourceArn": f"arn:aws:kafka:us-east-1:123456789012:cluster/stars/{uuid.UUID(int=0)}-1",
                "Topics": ["in"],
                "StartingPosition": "AT_TIMESTAMP",
                "StartingPositionTimestamp": 1700000000,
                "BatchSize": 500,
                "MaximumBatchingWindowInSeconds": 2,
                "AmazonManagedKafkaEventSourceConfig": {
                    "ConsumerGroupId": "group",
                    "SchemaRegistryConfig": {
                        "EventRecordFormat": "JSON",
                        "SchemaRegistryURI": "http://localhost:8081",
                        "SchemaValidationConfigs": [{"Attribute": "VALUE"}],
                    },
                },
                "Enabled": False,
                "FilterCriteria": {"Filters": [{"Pattern": '{"value": {"x": [1]}}'}]},
                "DestinationConfig": {"OnFailure": {"Destination": "arn:aws:sqs:us-east-1:123456789012:Failed"}},
                "MaximumRetryAttempts": 3,
                "MaximumRecordAgeInSeconds": 60,
                "BisectBatchOnFunctionError": True,
                "FunctionResponseTypes": ["ReportBatchItemFailures"],
                "ProvisionedPollerConfig": {"MinimumPollers": 1, "MaximumPollers": 3},
                "SourceAccessConfigurations": [
                    {
                        "Type": "SASL_SCRAM_512_AUTH",
                        "URI": "arn:aws:secretsmanager:us-east-1:123456789012:secret:Secret-AbCdEf",
                    }
                ],
            },
        ),
    )
    told = "".join(notes(stack))
    assert "Consumer.Events.Stars.Properties.SchemaRegistryConfig: records reach the function as they are" in told
    assert "events of this type do not come by themselves here" in told


def test_a_self_managed_cluster(tmp_path: Path) -> None:
    (source,) = load(
        tmp_path,
        HEAD
        + """
Parameters:
  Servers: {Type: CommaDelimitedList, Default: 'a:9092, b:9092'}
Resources:
  Consumer:
    Type: AWS::Serverless::Function
    Properties:
      Events:
        Stars:
          Type: SelfManagedKafka
          Properties:
            KafkaBootstrapServers: !Ref Servers
            Topics: [in]
            ConsumerGroupId: group
            StartingPosition: TRIM_HORIZON
            SourceAccessConfigurations: [{Type: SASL_SCRAM_512_AUTH, URI: secret}]
            DestinationConfig: {OnFailure: {Type: Kafka, Destination: 'kafka://dlq'}}
""",
    ).event_sources
    assert (source.function, source.kind) == ("Consumer", "SelfManagedKafka")
    assert source.properties == {
        "SelfManagedEventSource": {"Endpoints": {"KafkaBootstrapServers": ["a:9092", "b:9092"]}},
        "SelfManagedKafkaEventSourceConfig": {"ConsumerGroupId": "group"},
        "Topics": ["in"],
        "StartingPosition": "TRIM_HORIZON",
        "SourceAccessConfigurations": [{"Type": "SASL_SCRAM_512_AUTH", "URI": "secret"}],
        "DestinationConfig": {"OnFailure": {"Destination": "kafka://dlq"}},
    }


def test_a_mapping_as_a_resource_of_its_own(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        HEAD
        + """
Parameters:
  Size: {Type: String, Default: '10'}
Resources:
  Consumer: {Type: AWS::Serverless::Function, Properties: {FunctionName: consumer}}
  Live: {Type: AWS::Lambda::Alias, Properties: {FunctionName: !Ref Consumer, FunctionVersion: '1', Name: live}}
  ByAlias:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      FunctionName: !Ref Live
      EventSourceArn: arn:aws:kafka:us-east-1:1:cluster/c/u
      Topics: [t]
      BatchSize: !Ref Size
  OfAStream:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: !Ref Consumer, EventSourceArn: arn:aws:kinesis:us-east-1:1:stream/s}
  OfAStranger:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {FunctionName: somebody-else, Topics: [t]}
""",
    )
    (source,) = stack.event_sources
    assert (source.logical_id, source.function, source.properties["BatchSize"]) == ("ByAlias", "Consumer", 10)
    assert stack.functions["Consumer"].aliases == ("live",)
    of_stream, of_stranger = notes(stack)
    assert "OfAStream.EventSourceArn: records of this source are not brought to functions here" in of_stream
    assert of_stranger == "OfAStranger is left out: its function is not in this template"
