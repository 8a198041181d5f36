"""What a start of a run decides by itself: the precision of the computation."""

import dataclasses

import pytest

from keras_acai import backend
from keras_acai.zoo import schema
from training import machine, session, settings


@pytest.fixture
def faster(monkeypatch, request):
    monkeypatch.setattr(machine, "is_faster_in_bfloat16", lambda: request.param)
    monkeypatch.setattr(backend, "has_accelerator", lambda: False)
    return request.param


@pytest.mark.parametrize("faster", [True, False], indirect=True)
def test_bfloat16_is_chosen_where_it_is_faster(faster):
    chosen = session.resolve(settings.defaults("ae-lines"), None)
    expected = "mixed_bfloat16" if faster and backend.GAINS_BY_BFLOAT16 else "float32"
    assert chosen.dtype == expected
    assert chosen.record()["dtype"] == chosen.build().dtype_policy.name == expected


@pytest.mark.parametrize("faster", [True], indirect=True)
def test_an_accelerator_computes_in_float32(faster, monkeypatch):
    monkeypatch.setattr(backend, "has_accelerator", lambda: True)
    assert session.resolve(settings.defaults("ae-lines"), None).dtype == "float32"


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("faster", [True, False], indirect=True)
def test_what_was_asked_for_or_recorded_stays(faster, dtype):
    chosen = dataclasses.replace(settings.defaults("ae-lines"), dtype=dtype)
    assert session.resolve(chosen, None) == chosen
    record = schema.Run(settings=chosen.record())
    assert session.resolve(settings.defaults("ae-lines"), record) == chosen
