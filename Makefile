# make book와 make test면 충분합니다. 나머지 목표는 책을 고칠 때 씁니다. make만 치면 목표를 보여 줍니다.
# Windows에서는 가상 환경의 명령이 Scripts에 있고, python3는 앱 스토어를 여는 이름입니다.
WINDOWS := $(filter Windows_NT,$(OS))
PYTHON ?= $(if $(WINDOWS),python,python3)
BIN := .venv/$(if $(WINDOWS),Scripts,bin)
OLDEST := .venv-oldest/$(notdir $(BIN))
NEWEST := .venv-newest/$(notdir $(BIN))
NOTEBOOKS := intro.ipynb lab.ipynb own_model.ipynb sweeps.ipynb $(wildcard chapters/*.ipynb exercises/*.ipynb)
FROM ?= $(or $(WI_COURSE_DIR),course)/downloaded
# 측정하는 스크립트가 아니라 그것들이 함께 쓰는 것.
SWEEPING := $(patsubst %,experiments/%.py,__init__ merge results store sweeps)
EXPERIMENTS := $(subst /,.,$(basename $(filter-out $(SWEEPING),$(wildcard experiments/*.py))))
# 브라우저를 기다리는 시험이 많아, 코어보다 두 배 많이 함께 돌립니다.
WORKERS = $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# 꾸러미의 시험과, 설명에 든 예.
PACKAGE_TESTS := tests/package wi_lib
# 목표와 이름이 같은 폴더(book)가 있어도 목표는 목표입니다.
.PHONY: $(shell sed -n 's/^\([a-z][a-z -]*\):.*/\1/p' Makefile)

## 이 목록을 보여 줍니다.
help:
	@awk '/^### / { printf "\n%s\n", substr($$0, 5) } \
	  /^## / { text = substr($$0, 4); sub(/\. .*/, ".", text) } \
	  /^[a-z][a-z -]*:/ && text { sub(/:.*/, ""); printf "  make %-16s %s\n", $$0, text; text = "" }' Makefile

### 책

## HTML 책을 만듭니다. 노트북은 저장된 출력을 그대로 쓰므로 자료도 커널도 필요 없습니다.
book: .writable .venv/book
	$(BIN)/jupyter-book build -W -n --keep-going .
	@echo
	@echo "책이 있는 곳: $(CURDIR)/_build/html/index.html"

## 책 전체를 쪽 번호가 있는 PDF 한 권으로 만듭니다. Chromium이 있어야 합니다.
pdf: .venv/dev book
	$(BIN)/python -m publish.pdf

## 만들어진 책에서 강의용 슬라이드를 만듭니다. 한 장만 만들려면 make slides CHAPTER=02_sigmoid_std.
slides: book
	$(BIN)/python -m publish.slides $(CHAPTER)

## 책에서 바깥으로 가는 링크를 모두 열어 보고, 닿지 않는 것을 적습니다. 인터넷이 있어야 합니다.
linkcheck: .writable .venv/book
	rm -rf _build/linkcheck
	-$(BIN)/jupyter-book build -q --builder linkcheck --path-output _build/linkcheck .
	$(BIN)/python -m publish.links > "$${GITHUB_STEP_SUMMARY:-/dev/stdout}"

## Colab과 JupyterHub의 단추가 여는 수강생용 판을 _build/student에 만듭니다.
student: .writable .venv/book
	rm -rf _build/student
	$(BIN)/python -m publish.edition _build/student

## 수강생용 판을 저장소의 student 가지에 올립니다.
publish-student: student
	git fetch --quiet --depth 1 origin +student:refs/remotes/origin/student || true
	$(BIN)/ghp-import --no-jekyll --push --branch student --message "수강생용 판" _build/student

### 반

## 수강생에게 줄 문제지와 zip을 course/에 만듭니다. WI_COURSE_SECRET이 있으면 그 값에서 정한 수를 씁니다.
assignments: .venv/book
	$(BIN)/python -m classroom.sheets

## 받은 답을 모읍니다. 다른 폴더에서 모으려면 make collect FROM=폴더.
collect: .venv/book
	$(BIN)/python -m classroom collect "$(FROM)"

## 모은 답을 채점합니다. 낸 답마다 코어에 나누어 하고, 여러 기계에 나누려면 make grade SCHEDULER=tcp://주소.
grade: .venv/book $(if $(SCHEDULER),.venv/cluster)
	$(BIN)/python -m classroom grade

## 돌려줄 평가를 만듭니다.
feedback: .venv/book
	$(BIN)/python -m classroom feedback

## 성적을 CSV로 내보냅니다.
grades: .venv/book
	$(BIN)/python -m classroom export

## 문제마다의 득점률을 찍고, 다시 볼 답을 점수대마다 고릅니다. 한 장씩 부릅니다: make moderate SHEET=05_he
moderate: .venv/book
	$(BIN)/python -m classroom moderate $(SHEET)

### 고치기

## 노트북을 다시 실행해 출력을 저장합니다.
execute: .writable .venv/book
	$(BIN)/python -m tools.notebooks $(NOTEBOOKS)

## chapters/data의 측정 결과와 판정 모음을 다시 만듭니다. 끊기면 다음에 남은 것만 이어서 돕니다.
# 여러 기계에서 돌리려면 make results SCHEDULER=tcp://주소 (experiments/sweeps.py).
results: .writable .venv/book $(if $(SCHEDULER),.venv/cluster)
	for experiment in $(EXPERIMENTS); do $(BIN)/python -m $$experiment || exit 1; done
	$(BIN)/python -m tools.verdicts

## 코드를 정해진 모양으로 고칩니다.
format: .venv/dev
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

## 코드의 모양, 방 사이의 화살표, 형, 노트북의 메타데이터, GitHub가 읽는 파일을 봅니다. 고치지는 않습니다.
lint: .venv/dev lint-workflows
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports --no-logo --no-cache
	$(BIN)/mypy
	$(BIN)/python -m tools.metadata $(NOTEBOOKS)

## GitHub가 읽는 파일이 형식에 맞고 안전한지 봅니다.
lint-workflows: .venv/dev
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.citation-file-format CITATION.cff
	$(BIN)/zizmor --offline --pedantic --no-progress .github

## 판 번호를 모두 적은 constraints.txt를 다시 만듭니다. 적힌 판은 지킵니다. 새 판으로 올리려면 make lock UPGRADE=--upgrade.
lock: .venv/dev
	$(BIN)/uv pip compile --quiet --universal --python-version $(OLDEST_PYTHON) --all-extras --group dev --group audit $(UPGRADE) \
	  --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o constraints.txt pyproject.toml

## 만들어진 것과 가상 환경을 모두 지웁니다.
clean:
	rm -rf .venv .venv.unfinished .venv-oldest .venv-newest .venv-parity .venv-parity.unfinished _build build *.egg-info

### 시험

# GitHub Actions에서도 주소를 모르는 책을 시험하므로, 어느 포크에서나 같은 시험입니다. 주소를 아는 책은 따로 만들어 봅니다.
test soak: export GITHUB_REPOSITORY :=
test soak: export WI_SITE_URL :=
# 시험이 띄우는 프로세스 수백 개가 책의 코드와 시험을 저마다 다시 컴파일하지 않게 합니다.
test soak: export PYTHONDONTWRITEBYTECODE :=

## 모든 시험: make lint, 꾸러미, 주장, 노트북 재실행, 만들어진 페이지.
test: lint book
	@command -v chromium chromium-browser google-chrome >/dev/null || $(BIN)/playwright install chromium || true
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

## 모든 시험을 COUNT번, 차례와 뽑는 예를 그때마다 바꾸어 돌리고 실패한 것을 적습니다. 다시 부르면 이어서 돕니다.
soak: COUNT = 20
soak: .venv/dev book
	$(BIN)/python -m tests.soak $(COUNT) -n $(WORKERS) --dist loadgroup

## 꾸러미의 시험만. 책도 브라우저도 필요 없고 Linux, macOS, Windows에서 2분 안에 끝납니다.
test-package: .venv/package
	$(BIN)/python -m pytest -n auto $(PACKAGE_TESTS)

## pyproject.toml이 허용하는 가장 오래된 꾸러미로 같은 시험을 돌립니다. .venv-oldest에 설치합니다.
test-oldest: .venv-oldest/ready
	$(OLDEST)/python -m pytest -n auto $(PACKAGE_TESTS)

## pyproject.toml이 허용하는 가장 새 꾸러미로 꾸러미의 시험, 노트북, 책을 돌립니다. .venv-newest에 설치합니다. 15분쯤 걸립니다.
# 무엇이 가장 새것인지는 부를 때마다 다르므로 늘 새로 설치합니다.
test-newest: .venv/package
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) .venv-newest
	$(BIN)/uv pip install --quiet --python .venv-newest --prerelease disallow --group dev --editable '.[lab]'
	$(NEWEST)/python -m pytest -n auto $(PACKAGE_TESTS) tests/chapters/test_notebooks.py
	rm -rf _build/newest
	$(NEWEST)/jupyter-book build -q -W -n --keep-going --path-output _build/newest .

## Binder가 할 일을 새 가상 환경에서 그대로 해 보는 시험만 돌려, 설치한 크기와 걸린 시간과 메모리를 봅니다. 2분쯤 걸립니다.
test-binder: .venv/dev
	$(BIN)/python -m pytest -s tests/repository/test_binder.py

## 어려운 조건의 오래 도는 시험: 아무 때나 끊고 다시 부르기처럼, make test가 한 번씩만 보는 것을 되풀이합니다.
test-conditions: .venv/dev book
	$(BIN)/python -m pytest tests/conditions

## 11장의 표와 코드 조각, 층과 망, 진단을 진짜 PyTorch, Keras, JAX에 견줍니다. 책과 따로 .venv-parity에 설치합니다(2 GB쯤).
parity: .venv-parity/ready
	KERAS_BACKEND=jax $(PARITY) tests/chapters/test_parity*.py tests/package/test_*_torch.py tests/diagnosis \
	  tests/package/test_network.py tests/package/test_optimizers.py -k "parity or torch or keras or flax"
	for backend in torch tensorflow; do KERAS_BACKEND=$$backend $(PARITY) tests/diagnosis/test_keras*.py || exit 1; done

# torch.compile이 부르는 triton은 TensorFlow보다 먼저 읽어야 합니다. 나중에 읽으면 프로세스가 죽습니다.
PARITY = PYTHONPATH=. .venv-parity/bin/python -m pytest --noconftest -p no:cacheprovider -p torch._dynamo -o addopts=-ra

## 여러 기계에 나누는 채점에서 작업자, 커널, 스케줄러를 진짜로 죽여 봅니다. 5분쯤 걸립니다.
test-grading: .venv/dev
	WI_LIB_TEST_GRADING=1 $(BIN)/python -m pytest tests/classroom/test_spread.py tests/classroom/test_grading_cluster.py

## 정해 둔 판에 알려진 취약점이 있는지 묻습니다. 인터넷이 있어야 합니다.
audit: .venv/package
	$(BIN)/uv tool run --constraints constraints.txt pip-audit --requirement constraints.txt \
	  --no-deps --disable-pip --format markdown --output "$${GITHUB_STEP_SUMMARY:-/dev/stdout}"

### 재기

## 학습 한 걸음, 신호 전파, RBM의 속도를 다른 구현과 견줍니다.
bench: .venv/book
	$(BIN)/python -m benchmarks.training_step
	$(BIN)/python -m benchmarks.pretraining_step

## 움직여 보는 실험의 지연과 무게를 html-manager, interact와 견줍니다. Chromium과 npm이 있어야 합니다.
bench-explorers: .venv/dev book
	$(BIN)/python -m benchmarks.explorers

## 실험대의 엔진을 NumPy, TensorFlow.js와 견주고 페이지의 빠르기를 잽니다. Chromium과 npm이 있어야 합니다.
bench-lab: .venv/dev book
	$(BIN)/python -m benchmarks.lab

## 진단 한 번의 시간과 메모리를 순전파와 역전파 한 번에 견줍니다. make parity의 환경에서 2분쯤 걸립니다.
bench-diagnosis: .venv-parity/ready
	PYTHONPATH=. .venv-parity/bin/python -m benchmarks.diagnosis

## torchvision, timm, transformers의 모델을 진단해 헛된 경보가 나는지 봅니다. make parity의 환경에서 5분쯤 걸립니다.
bench-zoo: .venv-parity/ready
	PYTHONPATH=. .venv-parity/bin/python -m benchmarks.zoo

## 문제지를 푸는 학생 한 명과 서른 명의 채점에 드는 시간과 메모리를 잽니다. 10분쯤 걸립니다.
bench-classroom: .venv/dev
	$(BIN)/python -m benchmarks.classroom

## 한 반을 채점하는 빠르기를 프로세스 하나, 코어마다, Dask에서 견줍니다. 크기는 make bench-grading CLASS="--one 300 --all 20".
bench-grading: .venv/dev
	$(BIN)/python -m benchmarks.grading $(CLASS)

## 실험 한 번마다 드는 비용과 여러 코어와 Dask의 빠르기, 10만 번의 결과를 적는 형식을 잽니다. 5분쯤 걸립니다.
bench-sweeps: .venv/dev
	$(BIN)/python -m benchmarks.sweeps
	$(BIN)/python -m benchmarks.formats

## 찾기의 여섯 가지 방법을 재현율, 정밀도, 색인의 크기로 견줍니다. kiwipiepy가 없으면 그것만 뺍니다.
bench-search: .venv/dev book
	$(BIN)/python -m benchmarks.search

## 책의 몇 쪽을 Lighthouse로 재고, 목표에 못 미치면 실패합니다. Chromium과 npm이 있어야 합니다. 3분쯤 걸립니다.
lighthouse: book
	$(BIN)/python -m benchmarks.lighthouse

# 쓸 수 없는 폴더이면 저마다의 긴 오류 대신 한 줄로 말합니다. 읽기만 하는 것과, WI_COURSE_DIR에 쓰는 것은 여기서도 됩니다.
WRITABLE = @[ -w . ] || { echo "$(CURDIR)에 쓸 수 없어 멈췄습니다. 쓸 수 있는 곳에 복사해 부르십시오." >&2; exit 1; }
.writable:
	$(WRITABLE)

# 가상 환경. 지원하는 Python은 pyproject.toml에만 적습니다. Python에 딸려 온 pip은 dependency-groups를 모를 수 있어 먼저 올립니다.
OLDEST_PYTHON = $(shell sed -n 's/^requires-python = ">=\(.*\)"/\1/p' pyproject.toml)

# pip은 끊긴 설치를 알아보지 못합니다. 이름표(dist-info)를 먼저 푸는 휠은 반만 풀린 채로도 설치된 것으로 칩니다(rpds-py). 그래서
# 설치하는 동안 곁에 파일 하나를 두고, 그것이 남아 있으면 처음부터 다시 만듭니다. 다른 make가 설치하는 중이면 건드리지 않습니다.
HALF = $(@D).unfinished
BEGIN = $(WRITABLE); if kill -0 $$(cat $(HALF) 2>/dev/null) 2>/dev/null && [ $$(cat $(HALF)) != $$PPID ]; then \
  echo "다른 make(프로세스 $$(cat $(HALF)))가 $(@D)에 설치하고 있습니다. 끝난 뒤에 다시 부르십시오." >&2; exit 1; fi; \
  echo $$PPID > $(HALF)
DONE = @touch $@ && rm -f $(HALF)
# setuptools는 --editable마다 같은 이름의 폴더를 조심하라고 경고하지만, 바로 그 폴더를 쓰려는 것이므로 감춥니다.
INSTALL = PYTHONWARNINGS=ignore::UserWarning $(@D)/$(notdir $(BIN))/python -m pip install \
  --quiet --disable-pip-version-check -c constraints.txt

.venv/ready: constraints.txt pyproject.toml $(wildcard .venv.unfinished)
	$(BEGIN)
	$(if $(wildcard .venv.unfinished),rm -rf .venv)
	$(PYTHON) -m venv .venv
	$(INSTALL) pip
	$(DONE)

.venv/package: .venv/ready
	$(BEGIN)
	$(INSTALL) --group package --editable .
	$(DONE)

.venv/book: .venv/ready
	$(BEGIN)
	$(INSTALL) --group book --editable '.[lab]'
	$(DONE)

.venv/cluster: .venv/book
	$(BEGIN)
	$(INSTALL) --editable '.[cluster]'
	$(DONE)

.venv/dev: .venv/book
	$(BEGIN)
	$(INSTALL) --group dev
	$(DONE)

.venv-oldest/ready: .venv/package
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) .venv-oldest
	$(BIN)/uv pip install --quiet --python .venv-oldest -c constraints.txt --group package
	$(BIN)/uv pip install --quiet --python .venv-oldest --resolution lowest-direct --editable .
	@touch $@

# Linux에서 그냥 설치하면 torch가 CUDA까지 몇 GB를 받으므로 CPU 판이 있는 곳을 먼저 봅니다. 그곳에 닿지 않으면 pip이
# 경고하고 평소의 자리에서 받습니다. 다른 곳을 쓰려면 make parity TORCH_CPU=주소, 쓰지 않으려면 TORCH_CPU=로 비웁니다.
TORCH_CPU ?= https://download.pytorch.org/whl/cpu

.venv-parity/ready: constraints.txt pyproject.toml
	$(BEGIN)
	$(PYTHON) -m venv $(if $(wildcard .venv-parity.unfinished),--clear) .venv-parity
	$(INSTALL) pip
	$(INSTALL) --no-deps --retries 1 \
	  $(if $(TORCH_CPU),--extra-index-url $(TORCH_CPU)) $$(sed -n 's/.*"\(torch==[^"]*\)".*/\1/p' pyproject.toml)
	$(INSTALL) --group parity numpy
	$(DONE)
