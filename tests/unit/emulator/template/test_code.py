"""Where the code of functions is: beside the template, in it, zipped, or where the CDK says."""

import zipfile
from pathlib import Path

from support.templates import ONE, SAM, load, notes


def test_code_is_beside_the_template_where_nothing_is_said(tmp_path: Path) -> None:
    text = ONE.replace("      CodeUri: src/\n", "")
    assert load(tmp_path, text).functions["Hello"].code_dir == tmp_path


def test_inline_code_becomes_index_py(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        SAM
        + """
Resources:
  Sam:
    Type: AWS::Serverless::Function
    Properties:
      Handler: index.handler
      Runtime: python3.11
      InlineCode: |
        def handler(event, context):
            return 'sam'
  Plain:
    Type: AWS::Lambda::Function
    Properties: {Handler: index.handler, Runtime: python3.11, Code: {ZipFile: 'handler = print'}}
""",
    )
    assert "return 'sam'" in (stack.functions["Sam"].code_dir / "index.py").read_text()
    assert (stack.functions["Plain"].code_dir / "index.py").read_text() == "handler = print"


def test_a_zip_file_is_unpacked(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "code.zip", "w") as archive:
        archive.writestr("app.py", "x = 1")
    folder = load(tmp_path, ONE.replace("src/", "code.zip")).functions["Hello"].code_dir
    assert (folder / "app.py").read_text() == "x = 1"


def test_the_cdk_names_the_folder_in_metadata(tmp_path: Path) -> None:
    stack = load(
        tmp_path,
        """
        Resources:
          MyFunction3BAA72D1:
            Type: AWS::Lambda::Function
            Properties:
              Code: {S3Bucket: !Ref AssetBucket, S3Key: !Join ['', [!Select [0, !Split ['||', !Ref AssetKey]]]]}
              Handler: app.lambda_handler
              Runtime: python3.12
            Metadata: {aws:asset:path: src, aws:asset:property: Code}
          CDKMetadata:
            Type: AWS::CDK::Metadata
            Condition: CDKMetadataAvailable
        """,
    )
    assert stack.functions["MyFunction3BAA72D1"].code_dir == tmp_path / "src"
    assert "CDKMetadataAvailable" in notes(stack)[0]
