# make demo | make test | make test-slow | make test-whole | make check: each sets up .venv by itself
# make monai-label | make monai-label-test: MONAI Label in an environment of its own, and the bundle served by it
PYTHON ?= python3
BIN := .venv/bin
STAMP := .venv/installed
LABEL := .venv-monailabel
LABEL_STAMP := $(LABEL)/installed
LABEL_FILES := tests/monai_label/environment

.PHONY: demo test test-slow test-whole check install monai-label monai-label-test

$(STAMP): pyproject.toml constraints.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt torch
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $(STAMP)

install: $(STAMP)

demo: $(STAMP)
	$(BIN)/python -m scripts.demo

test: $(STAMP)
	$(BIN)/python -m pytest --numprocesses 2

test-slow: $(STAMP)
	$(BIN)/python -m pytest -m slow --numprocesses 2 --dist loadfile --durations 15

test-whole: $(STAMP)
	$(BIN)/python -m pytest -m slow --whole --numprocesses 2 --dist loadfile

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

$(LABEL_STAMP): pyproject.toml constraints.txt $(shell find $(LABEL_FILES) -name '*.py' -o -name '*.txt')
	$(PYTHON) -m venv $(LABEL)
	$(LABEL)/bin/pip install --quiet --constraint constraints.txt torch
	$(LABEL)/bin/pip install --quiet --constraint constraints.txt --requirement $(LABEL_FILES)/requirements.txt --editable .
	$(LABEL)/bin/pip install --quiet --no-deps monailabel==0.8.5 pydicom-seg==0.4.1
	$(LABEL)/bin/pip uninstall --quiet --yes catheter-bundle  # its packages stay; the bundle brings its own code
	cp -R $(LABEL_FILES)/site-packages/. $$($(LABEL)/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
	touch $@

monai-label: $(LABEL_STAMP)

monai-label-test: $(STAMP) $(LABEL_STAMP)
	$(LABEL)/bin/python -m pytest tests/monai_label -m "slow or not slow"
	$(BIN)/python -W ignore -m tests.monai_label.server_check --environment $(LABEL)
