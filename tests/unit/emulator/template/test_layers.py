"""Layers, by reference and by ARN."""

from pathlib import Path

from support.templates import ONE, SAM, load, notes, refused

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


def test_a_layer_without_a_version_is_refused_in_the_words_of_sam(tmp_path: Path) -> None:
    arn = "arn:aws:lambda:us-east-1:017000801446:layer:Powertools"
    error = refused(tmp_path, f"{ONE}      Layers: ['{arn}:latest']\n")
    place = f"{tmp_path / 'template.yaml'}:{error.line}: Hello.Layers.0"
    assert str(error) == f"{arn}:latest is an Invalid Layer Arn. ({place})"
    for version in ("{{resolve:ssm:/layers/powertools:1}}", "/layers/powertools"):
        stack = load(tmp_path, f"{ONE}      Layers: ['{arn}:{version}']\n")
        assert stack.functions["Hello"].layer_dirs == ()
