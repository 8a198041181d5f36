"""The house rules: how large files and functions are, and what may depend on what.

What may import what is in setup.cfg, section [importlinter], and checked by `make lint`.
"""

import ast
import configparser
import pathlib
import re
import statistics
import tokenize

import grimp
import keras
import pytest

pytestmark = pytest.mark.once
ROOT = pathlib.Path(__file__).parents[1]
PACKAGES = ("keras_acai", "training")
BACKENDS = ("tensorflow", "jax", "torch")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
NO_CODE = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENCODING,
    tokenize.ENDMARKER,
}


def name_of(path):
    return str(path.relative_to(ROOT))


def tree_of(path):
    return ast.parse(path.read_text("utf-8"))


def lines_of_code(path):
    """Numbers of the lines that hold neither blanks, comments nor docstrings alone."""
    with tokenize.open(path) as file:
        tokens = [token for token in tokenize.generate_tokens(file.readline)]
    lines = {
        line
        for token in tokens
        if token.type not in NO_CODE
        for line in range(token.start[0], token.end[0] + 1)
    }
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            lines -= set(range(node.lineno, node.end_lineno + 1))
    return lines


def function_sizes(path):
    """Code lines of each function's body."""
    code = lines_of_code(path)
    for node in ast.walk(tree_of(path)):
        if isinstance(node, FUNCTIONS):
            yield len(code & set(range(node.body[0].lineno, node.end_lineno + 1)))


@pytest.fixture(scope="module")
def graph():
    """Every import in the two packages, those inside functions included."""
    return grimp.build_graph(*PACKAGES, exclude_type_checking_imports=True, cache_dir=None)


def test_files_are_short():
    lengths = {name_of(path): len(path.read_text("utf-8").splitlines()) for path in SOURCES}
    assert {name: length for name, length in lengths.items() if length > 300} == {}


def test_functions_are_short():
    sizes = [size for path in SOURCES for size in function_sizes(path)]
    assert statistics.median(sizes) <= 6


def test_the_ground_floor_is_small():
    modules = {path.stem for path in (ROOT / "keras_acai").glob("*.py")} - {"__init__"}
    assert len(modules) <= 12, modules


def test_no_module_imports_itself_through_others(graph):
    cycles = {
        module: path
        for module in graph.modules
        for imported in graph.find_modules_directly_imported_by(module)
        if (path := graph.find_shortest_chain(imported, module))
    }
    assert cycles == {}


def test_setup_lists_every_package():
    setup = configparser.ConfigParser()
    setup.read(ROOT / "setup.cfg")
    files = {path.parent.relative_to(ROOT) for path in SOURCES if path.name == "__init__.py"}
    found = {re.sub("^training", "keras_acai_training", ".".join(path.parts)) for path in files}
    assert set(setup["options"]["packages"].split()) == found | {"keras_acai.weights"}


def test_models_are_few_classes_away_from_keras(model):
    ours = [parent for parent in type(model).__mro__ if parent.__module__.split(".")[0] in PACKAGES]
    assert depth(type(model)) <= 3, ours


def depth(kind):
    """How many classes of a longest line of inheritance lie above one, up to `keras.Model`."""
    above = [base for base in kind.__bases__ if base is not object]
    return 0 if kind is keras.Model else max(map(depth, above), default=-1) + 1


def imports_from(node):
    return isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in PACKAGES


def modules_of(tree):
    """Names by which a file knows modules of ours."""
    names = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if imports_from(node)
        for alias in node.names
        if (ROOT / f"{node.module}/{alias.name}".replace(".", "/")).with_suffix(".py").exists()
        or (ROOT / f"{node.module}/{alias.name}".replace(".", "/")).is_dir()
    }
    return names | {"keras_acai", "training"}


def private_names(path):
    """Private names of another module that a file takes."""
    tree = tree_of(path)
    modules = modules_of(tree)
    for node in ast.walk(tree):
        if imports_from(node):
            yield from (alias.name for alias in node.names if is_private(alias.name))
        elif isinstance(node, ast.Attribute) and is_private(node.attr):
            owner = node.value
            while isinstance(owner, ast.Attribute):
                owner = owner.value
            if isinstance(owner, ast.Name) and owner.id in modules:
                yield f"{ast.unparse(node)}"


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def test_private_names_stay_in_their_module():
    private = {name_of(path): list(private_names(path)) for path in SOURCES}
    assert {name: names for name, names in private.items() if names} == {}


def choices_of_backend(path):
    """Comparisons with the name of a backend."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Compare) and "backend" in ast.unparse(node).lower():
            if any(f"'{name}'" in ast.unparse(node) for name in BACKENDS):
                yield ast.unparse(node)


def test_only_backend_asks_which_backend_it_is():
    others = [path for path in SOURCES if "backend" not in path.parts]
    choices = {name_of(path): list(choices_of_backend(path)) for path in others}
    assert {name: found for name, found in choices.items() if found} == {}
