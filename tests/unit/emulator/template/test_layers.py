"""Layers, by reference and by ARN."""

from pathlib import Path

from tests.support.templates import SAM, load, notes

TEMPLATE = (
    SAM
    + """
Globals:
  Function: {CodeUri: src, Handler: app.lambda_handler, Runtime: python3.11}
Resources:
  Fast:
    Type: AWS::Serverless::Function
    Properties:
      Layers: [!Ref Shared, !Ref Plain]
  Foreign:
    Type: AWS::Serverless::Function
    Properties:
      Layers: ['arn:aws:lambda:us-east-1:017000801446:layer:Powertools:1', !Ref Shared]
  Shared:
    Type: AWS::Serverless::LayerVersion
    Properties: {ContentUri: layers/shared, LayerName: shared-code}
    Metadata: {BuildMethod: python3.11}
  Plain:
    Type: AWS::Lambda::LayerVersion
    Properties: {Content: layers/plain}
"""
)


def test_layers_keep_their_order(tmp_path: Path) -> None:
    for name in ("shared", "plain"):
        (tmp_path / "layers" / name).mkdir(parents=True)
    stack = load(tmp_path, TEMPLATE)
    assert stack.functions["Fast"].layer_dirs == (tmp_path / "layers/shared", tmp_path / "layers/plain")
    assert stack.layers["arn:aws:lambda:us-east-1:123456789012:layer:shared-code:1"] == tmp_path / "layers/shared"


def test_a_layer_of_another_account_is_left_out_with_a_warning(tmp_path: Path) -> None:
    for name in ("shared", "plain"):
        (tmp_path / "layers" / name).mkdir(parents=True)
    stack = load(tmp_path, TEMPLATE)
    assert stack.functions["Foreign"].layer_dirs == (tmp_path / "layers/shared",)
    assert "Powertools" in notes(stack)[0]
