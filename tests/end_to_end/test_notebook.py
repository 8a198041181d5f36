"""A notebook shows pictures and models as they are, with no magic command."""

import sys

import pytest

pytestmark = pytest.mark.once

nbformat = pytest.importorskip("nbformat")
nbclient = pytest.importorskip("nbclient")
kernelspec = pytest.importorskip("jupyter_client.kernelspec")
pytest.importorskip("ipykernel")

CELLS = (
    """
    import keras_acai
    model = keras_acai.load("acai-lines")
    a, b = keras_acai.lines.draw([0.0]), keras_acai.lines.draw([1.5])
    model
    """,
    "keras_acai.plotting.interpolations(model.interpolate(a, b, steps=4), a, b)",
    "keras_acai.info('acai-lines')",
    "keras_acai.to_pil(a)[0]",
)


@pytest.fixture(scope="module")
def outputs(tmp_path_factory):
    """Cell → MIME type → what it showed; stdout and stderr are "stream"."""
    folder = tmp_path_factory.mktemp("kernels")
    argv = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    spec = kernelspec.KernelSpec(argv=argv, display_name="tests", language="python")
    manager = kernelspec.KernelSpecManager(kernel_dirs=[str(folder)])
    (folder / "tests").mkdir()
    (folder / "tests" / "kernel.json").write_text(spec.to_json())
    cells = [
        nbformat.v4.new_code_cell("\n".join(map(str.strip, cell.splitlines()))) for cell in CELLS
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    client = nbclient.NotebookClient(notebook, kernel_name="tests", timeout=300)
    client.create_kernel_manager()
    client.km.kernel_spec_manager = manager
    client.execute()
    return [
        {
            kind: content
            for output in cell.outputs
            for kind, content in output.get("data", {"stream": output.get("text")}).items()
        }
        for cell in notebook.cells
    ]


def test_models_tell_what_they_are(outputs):
    text = outputs[0]["text/plain"]
    assert text.startswith("<ACAI acai-lines: images 32×32×1, codes 2×2×16") and "lines" in text


def test_figures_are_pictures(outputs):
    assert len(outputs[1]["image/png"]) > 1000
    assert "image/png" in outputs[3]


def test_facts_are_a_table(outputs):
    assert "mean distance" in outputs[2]["text/plain"]


def test_nothing_else_is_shown(outputs):
    assert not any("stream" in each for each in outputs), outputs
