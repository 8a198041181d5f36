"""What a start of a run decides by itself: the precision of the computation."""

import dataclasses

import pytest

from keras_acai import backend
from keras_acai.zoo import schema
from training import machine, session, settings


@pytest.fixture
def has_amx(monkeypatch, request):
    monkeypatch.setattr(machine, "has_amx", lambda: request.param)
    monkeypatch.setattr(backend, "has_accelerator", lambda: False)
    return request.param


@pytest.mark.parametrize("has_amx", [True, False], indirect=True)
def test_bfloat16_is_chosen_where_it_is_faster(has_amx):
    chosen = session.resolve(settings.defaults("ae-lines"), None)
    expected = "mixed_bfloat16" if has_amx and backend.GAINS_BY_AMX else "float32"
    assert chosen.dtype == expected
    assert chosen.record()["dtype"] == chosen.build().dtype_policy.name == expected


@pytest.mark.parametrize("has_amx", [True], indirect=True)
def test_an_accelerator_computes_in_float32(has_amx, monkeypatch):
    monkeypatch.setattr(backend, "has_accelerator", lambda: True)
    assert session.resolve(settings.defaults("ae-lines"), None).dtype == "float32"


@pytest.mark.parametrize("dtype", ["float32", "mixed_bfloat16"])
@pytest.mark.parametrize("has_amx", [True, False], indirect=True)
def test_what_was_asked_for_or_recorded_stays(has_amx, dtype):
    chosen = dataclasses.replace(settings.defaults("ae-lines"), dtype=dtype)
    assert session.resolve(chosen, None) == chosen
    record = schema.Run(settings=chosen.record())
    assert session.resolve(settings.defaults("ae-lines"), record) == chosen
