"""The .proto says what the layer's table and the public contract say."""

import pytest
from google.protobuf.descriptor import FieldDescriptor

from stellar.schema import FIELDS
from stellar_service import contract
from stellar_service.contract import ContractError, compile_proto

TYPES = {int: FieldDescriptor.TYPE_INT64, float: FieldDescriptor.TYPE_DOUBLE}


def test_messages_have_the_tables_fields_in_its_order():
    fields = [(field.name, field.type) for field in contract.StarFeatures.DESCRIPTOR.fields]
    text = FieldDescriptor.TYPE_STRING
    assert fields[: len(FIELDS)] == [(field.name, TYPES[field.type]) for field in FIELDS]
    assert fields[len(FIELDS) :] == [(f"{field.name}_digits", text) for field in FIELDS if field.identifier]


def test_every_field_knows_whether_it_was_sent():
    assert all(field.has_presence for field in contract.StarFeatures.DESCRIPTOR.fields)


def test_answer_has_the_contracts_fields():
    names = [field.name for field in contract.StarPrediction.DESCRIPTOR.fields]
    assert names[:7] == [
        "int_output",
        "str_output",
        "label",
        "probabilities",
        "model_version",
        "model_variant",
        "warnings",
    ]


def test_service_has_the_contracts_calls():
    calls = {method.name: (method.client_streaming, method.server_streaming) for method in contract.SERVICE.methods}
    unary, streaming = (False, False), (True, True)
    assert calls == {"Predict": unary, "PredictStream": streaming, "PredictBatch": unary, "HealthCheck": unary}


def test_identifiers_may_be_floats_as_existing_clients_send_them():
    message = contract.StarFeatures(obj_ID=1237663784734294016.0, spec_obj_ID=6.543777825301504e17)
    assert contract.StarFeatures.FromString(message.SerializeToString()).obj_ID == 1237663784734294016


def test_broken_proto_is_named(tmp_path, capfd):
    (tmp_path / "broken.proto").write_text('syntax = "proto3";\nmessage {')
    with pytest.raises(ContractError, match=r"broken\.proto"):
        compile_proto(tmp_path / "broken.proto")
    assert "broken.proto:2" in capfd.readouterr().err
