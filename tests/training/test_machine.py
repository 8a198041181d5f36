"""Facts about the machine."""

import keras
import pytest

from training import machine

pytestmark = pytest.mark.once


def test_facts():
    assert machine.processor() and machine.cores() >= 1
    assert machine.versions(["keras", "no-such-package"]) == {"keras": keras.__version__}
    assert machine.has_avx512() in (True, False)


@pytest.mark.parametrize("flags, has", [("fpu amx_bf16 avx512f", True), ("fpu amx_int8", False)])
def test_features_are_those_of_the_flags(monkeypatch, flags, has):
    monkeypatch.setattr(machine, "cpuinfo", lambda key: [flags] if key == "flags" else [])
    assert machine.has_amx() == machine.has_avx512() == has


@pytest.mark.parametrize(
    "vendor, flags, expected",
    [
        ("GenuineIntel", "avx512_bf16 amx_bf16", True),
        ("GenuineIntel", "avx512_bf16", False),
        ("AuthenticAMD", "avx512_bf16", True),
        ("AuthenticAMD", "avx512f", False),
    ],
)
def test_bfloat16_is_faster_by_amx_or_on_amd(monkeypatch, vendor, flags, expected):
    facts = {"vendor_id": [vendor], "flags": [flags]}
    monkeypatch.setattr(machine, "cpuinfo", lambda key: facts[key])
    assert machine.is_faster_in_bfloat16() is expected


def test_a_folder_without_git_has_no_commit(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    assert machine.git_commit() is None
