# How `sam build` makes the functions and the layer: wheels for the runtime and the architecture that the template's
# parameters name, whatever SAM itself runs on. SAM hands no parameter to a Makefile, but takes the Makefile from the
# folder that the template names (Metadata.ContextPath), so each pair has a folder here, and its name is the setting.
# It runs make in a copy of the function's folder.
TARGET := $(notdir $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST)))))
PYTHON_VERSION := $(patsubst python%,%,$(word 1,$(subst -, ,$(TARGET))))
MACHINE := $(patsubst arm64,aarch64,$(word 2,$(subst -, ,$(TARGET))))
PLATFORMS := $(foreach tag,manylinux_2_28 manylinux_2_27 manylinux_2_17 manylinux2014,--platform $(tag)_$(MACHINE))
PIP := $(if $(shell command -v uv),uv pip install --python-platform $(MACHINE)-manylinux_2_28,python3 -m pip install $(PLATFORMS))
INSTALL = $(PIP) --quiet --python-version $(PYTHON_VERSION) --only-binary :all: -r requirements.txt --target

build-StellarLayer:
	$(INSTALL) "$(ARTIFACTS_DIR)/python"
	cp -r stellar "$(ARTIFACTS_DIR)/python/" && rm -rf "$(ARTIFACTS_DIR)/python/stellar/__pycache__"

# Without the gRPC contract: what compiles it is larger than all the rest, and no function asks for it.
build-ServiceLayer:
	mkdir -p "$(ARTIFACTS_DIR)/python/stellar_service"
	cp $(filter-out %/contract.py,$(wildcard stellar_service/*.py)) "$(ARTIFACTS_DIR)/python/stellar_service/"

# GraphiQL is there where `make page` has built it.
build-%:
	$(INSTALL) "$(ARTIFACTS_DIR)"
	cp *.py $(wildcard graphiql.html) "$(ARTIFACTS_DIR)/"
