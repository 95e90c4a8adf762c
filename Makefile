# Two commands do everything:
#   make lab    set up .venv and open JupyterLab at the first notebook
#   make test   set up .venv and run the unit tests and every notebook
# Also: make site (the course as a website), make pdf, make check (ruff, mypy), make strict (notebooks against real
# MNIST), make notebooks (run and re-save them, for maintainers), make clean.
#
# MNIST_DATA_DIR=folder names a folder that already holds the four MNIST files.
# PYTHON=python3.13 names the Python to set up with.

SHELL := /bin/sh
BIN := .venv/bin
READY := .venv/.ready
SITE_READY := .venv/.site-ready
CHECK_READY := .venv/.check-ready

# Notebooks run inside notebooks/, so a relative folder is made absolute here.
ifneq ($(strip $(MNIST_DATA_DIR)),)
override MNIST_DATA_DIR := $(abspath $(MNIST_DATA_DIR))
export MNIST_DATA_DIR
endif

.PHONY: lab test strict check notebooks site pdf setup clean

lab: $(READY)
	@sh scripts/lab.sh $(BIN) $(LAB_OPTIONS)

test: $(READY)
	$(BIN)/python scripts/test.py

strict: $(READY)
	$(BIN)/python scripts/test.py --strict

check: $(CHECK_READY)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

notebooks: $(READY)
	$(BIN)/python scripts/save_notebooks.py

# The course as one file, build/course.pdf.
pdf: site
	@sh scripts/setup.sh .venv test,site,browser
	$(BIN)/python scripts/make_pdf.py

# PYODIDE=folder puts a copy of Pyodide into the site, for hosts without a connection.
site: $(SITE_READY)
	$(BIN)/python scripts/make_site.py

setup: $(READY)

# Runs again only when one of these files changed.
$(READY): pyproject.toml constraints.txt scripts/setup.sh
	@sh scripts/setup.sh .venv
	@touch $(READY)

$(SITE_READY): $(READY)
	@sh scripts/setup.sh .venv test,site
	@touch $(SITE_READY)

$(CHECK_READY): $(READY)
	@sh scripts/setup.sh .venv test,maintain
	@touch $(CHECK_READY)

clean:
	rm -rf .venv
