"""One object, many objects, and the ways in which they are refused, over a real connection."""

import math

import grpc
import pytest
from google.rpc import error_details_pb2
from grpc_status import rpc_status

from stellar import validate_one
from stellar.schema import EXAMPLE
from stellar_service import contract
from stellar_service.contract import HealthCheckRequest, PredictBatchRequest, StarFeatures

STAR = EXAMPLE | {"redshift": -0.0003, "obj_ID": 0}


async def refusal(call):
    """The status of a call that must fail, and its field violations by field."""
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call
    details = error_details_pb2.BadRequest()
    status = await rpc_status.aio.from_call(call)
    if status is not None:
        assert status.details[0].Unpack(details)
    return caught.value.code(), {found.field: found.description for found in details.field_violations}


async def test_answer_is_that_of_the_layer(stub, store):
    answer = await stub.Predict(StarFeatures(**EXAMPLE))
    expected = store.classifier.classify_one(validate_one(EXAMPLE))
    assert (answer.int_output, answer.str_output, answer.label) == (
        expected.int_output,
        expected.str_output,
        expected.label,
    )
    assert {name: getattr(answer.probabilities, name) for name in ("GALAXY", "QSO", "STAR")} == expected.probabilities
    assert (answer.model_version, answer.model_variant) == ("test-1", "spectroscopic")


async def test_negative_redshift_is_accepted(stub):
    assert (await stub.Predict(StarFeatures(**STAR))).model_variant == "spectroscopic"


async def test_object_without_redshift_goes_to_the_photometric_model(stub):
    features = {name: value for name, value in EXAMPLE.items() if name != "redshift"}
    assert (await stub.Predict(StarFeatures(**features))).model_variant == "photometric"


async def test_redshift_of_zero_is_a_redshift(stub):
    assert (await stub.Predict(StarFeatures(**EXAMPLE | {"redshift": 0.0}))).model_variant == "spectroscopic"


async def test_unusual_value_is_answered_with_a_warning(stub):
    answer = await stub.Predict(StarFeatures(**EXAMPLE | {"redshift": 8.0}))
    assert list(answer.warnings) == ["redshift = 8 is outside the typical range -0.0016 … 6.49"]


async def test_five_magnitudes_are_enough(stub):
    answer = await stub.Predict(StarFeatures(**{band: EXAMPLE[band] for band in "ugriz"}))
    assert (answer.model_variant, answer.HasField("obj_ID")) == ("photometric", False)


async def test_identifiers_come_back_exact(stub):
    features = {name: value for name, value in EXAMPLE.items() if name != "obj_ID"}
    answer = await stub.Predict(StarFeatures(**features, obj_ID_digits="18446744073709551615"))
    assert (answer.obj_ID, answer.spec_obj_ID) == ("18446744073709551615", "654377782530150400")


async def test_missing_fields_are_all_named(stub):
    code, violations = await refusal(stub.Predict(StarFeatures(u=19.0, redshift=0.1)))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert set(violations) == {"g", "r", "i", "z"}


@pytest.mark.parametrize(
    ("field", "value", "limit"),
    [
        ("redshift", 20.5, "-0.1 ≤ redshift ≤ 20"),
        ("redshift", math.nan, "-0.1 ≤ redshift ≤ 20"),
        ("u", -9999.0, "-5 ≤ u ≤ 40"),
        ("g", math.inf, "-5 ≤ g ≤ 40"),
        ("cam_col", 7, "1 ≤ cam_col ≤ 6"),
        ("MJD", -1, "MJD ≥ 0"),
        ("obj_ID", -1.0, "obj_ID ≥ 0"),
    ],
)
async def test_value_beyond_its_limit_is_named_with_the_limit(stub, field, value, limit):
    code, violations = await refusal(stub.Predict(StarFeatures(**EXAMPLE | {field: value})))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert list(violations) == [field]
    assert limit in violations[field]


async def test_bytes_that_are_no_message_are_refused_as_bad_input(start, caplog):
    async with start() as (server, _), grpc.aio.insecure_channel(server.address) as channel:
        for method in ("Predict", "PredictBatch"):
            call = channel.unary_unary(f"/{contract.SERVICE.full_name}/{method}")
            code, violations = await refusal(call(b"\xff\xff\xff"))
            assert code is grpc.StatusCode.INVALID_ARGUMENT
            assert list(violations) == ["request"]
    assert "Traceback" not in caplog.text


async def test_batch_answers_every_object_in_order(stub):
    rows = [EXAMPLE, EXAMPLE | {"u": -9999.0}, STAR] * 500
    answer = await stub.PredictBatch(PredictBatchRequest(instances=[StarFeatures(**row) for row in rows]))
    assert len(answer.predictions) == len(rows)
    kinds = [
        prediction.error.violations[0].field if prediction.HasField("error") else prediction.label
        for prediction in answer.predictions
    ]
    assert kinds == [kinds[0], "u", kinds[2]] * 500


async def test_empty_batch_has_an_empty_answer(stub):
    assert list((await stub.PredictBatch(PredictBatchRequest())).predictions) == []


async def test_batch_of_more_than_ten_thousand_objects_is_refused(stub):
    request = PredictBatchRequest(instances=[StarFeatures()] * 10_001)
    code, violations = await refusal(stub.PredictBatch(request))
    assert code is grpc.StatusCode.INVALID_ARGUMENT
    assert "at most 10,000" in violations["instances"]


async def test_batch_is_answered_by_one_model_though_another_is_put_in_use(stub, store, monkeypatch):
    models = iter(range(1_000_000))
    reads = []
    first = store.classifier

    def classifier(_):
        reads.append(next(models))
        return first

    monkeypatch.setattr(type(store), "classifier", property(classifier))
    await stub.PredictBatch(PredictBatchRequest(instances=[StarFeatures(**EXAMPLE)] * 2000))
    assert len(reads) == 1


async def test_call_whose_deadline_passes_is_given_up(start, store, monkeypatch):
    async with start() as (_, stub):
        request = PredictBatchRequest(instances=[StarFeatures(**EXAMPLE)] * 10_000)
        code, _ = await refusal(stub.PredictBatch(request, timeout=0.02))
        assert code is grpc.StatusCode.DEADLINE_EXCEEDED
        assert (await stub.Predict(StarFeatures(**EXAMPLE), timeout=10)).label


async def test_message_beyond_the_limit_is_refused(start):
    async with start(max_message_mb=1) as (_, stub):
        request = PredictBatchRequest(instances=[StarFeatures(**EXAMPLE)] * 10_000)
        assert request.ByteSize() > 1024 * 1024
        assert (await refusal(stub.PredictBatch(request)))[0] is grpc.StatusCode.RESOURCE_EXHAUSTED


async def test_failure_is_logged_and_not_shown(start, store, monkeypatch, caplog):
    async with start() as (_, stub):
        monkeypatch.setattr(type(store.classifier), "_run", lambda *_: 1 / 0)
        call = stub.Predict(StarFeatures(**EXAMPLE))
        assert (await refusal(call))[0] is grpc.StatusCode.INTERNAL
        assert "division" not in await call.details()
        assert "ZeroDivisionError" in caplog.text


async def test_own_health_check_says_which_model_answers(stub):
    answer = await stub.HealthCheck(HealthCheckRequest())
    assert (answer.status, answer.model_version, answer.model_source) == ("ok", "test-1", "default")
