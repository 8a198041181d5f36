# Everything happens in the virtual environment $(VENV), which is made when it is needed.
PYTHON ?= python3
VENV ?= .venv
BIN = $(VENV)/bin
BACKENDS ?= torch tensorflow jax
PIP = $(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt

.PHONY: demo test lint clean

demo: $(VENV)/.installed  ## load pretrained models, print scores, write interpolation.png, train briefly
	@$(BIN)/python -m training.demo

test: $(VENV)/.installed-for-tests  ## run the test suite on every backend
	@marks="not long"; \
	for backend in $(BACKENDS); do \
		echo "== $$backend"; \
		KERAS_BACKEND=$$backend TF_CPP_MIN_LOG_LEVEL=3 \
			$(BIN)/python -m pytest -q -n 2 --dist worksteal -m "$$marks" $(TESTS) || exit 1; \
		marks="not long and not once"; \
	done

lint: $(VENV)/.installed-for-tests  ## check style, spelling, imports and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/codespell
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/basedpyright --pythonpath $(BIN)/python

clean:
	rm -rf $(VENV) build dist *.egg-info

$(VENV)/.installed: setup.cfg pyproject.toml constraints.txt
	@echo "Making the environment in $(VENV); the first time takes a few minutes."
	@$(PYTHON) -m venv $(VENV)
	@$(PIP) --editable .
	@touch $@

$(VENV)/.installed-for-tests: $(VENV)/.installed
	@echo "Installing JAX, PyTorch and the test tools in $(VENV)."
	@$(PIP) --editable ".[jax,torch,dev]"
	@touch $@
