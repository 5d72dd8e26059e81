# make book와 make test면 충분합니다. 나머지 목표는 책을 고칠 때 씁니다.
# Windows에서는 가상 환경의 명령이 Scripts에 있고, python3는 앱 스토어를 여는 이름입니다.
WINDOWS := $(filter Windows_NT,$(OS))
PYTHON ?= $(if $(WINDOWS),python,python3)
BIN := .venv/$(if $(WINDOWS),Scripts,bin)
OLDEST := .venv-oldest/$(notdir $(BIN))
NOTEBOOKS := intro.ipynb $(wildcard chapters/*.ipynb exercises/*.ipynb)
FROM ?= course/downloaded
EXPERIMENTS := $(subst /,.,$(basename $(filter-out experiments/results.py experiments/__init__.py,$(wildcard experiments/*.py))))
# 브라우저를 기다리는 시험이 많아, 코어보다 두 배 많이 함께 돌립니다.
WORKERS = $(shell expr 2 \* $$(getconf _NPROCESSORS_ONLN))
# 꾸러미의 시험과, 설명에 든 예.
PACKAGE_TESTS := tests/package wi_lib

.PHONY: book test test-binder test-package test-oldest linkcheck audit lint-workflows assignments student publish-student collect grade feedback grades moderate slides pdf parity execute results bench bench-explorers bench-classroom bench-search lighthouse lint lock clean

## HTML 책을 만듭니다. 노트북은 저장된 출력을 그대로 쓰므로 자료도 커널도 필요 없습니다.
book: .venv/book
	$(BIN)/jupyter-book build -W -n --keep-going .
	@echo
	@echo "책이 있는 곳: $(CURDIR)/_build/html/index.html"

## 모든 시험: 꾸러미, 주장, 노트북 재실행, 만들어진 페이지.
# GitHub Actions에서도 주소를 모르는 책을 시험하므로, 어느 포크에서나 같은 시험입니다. 주소를 아는 책은 따로 만들어 봅니다.
test: export GITHUB_REPOSITORY :=
test: export WI_SITE_URL :=
test: .venv/dev .venv/slides book
	@command -v chromium chromium-browser google-chrome >/dev/null || $(BIN)/playwright install chromium || true
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

## Binder가 할 일을 새 가상 환경에서 그대로 해 보는 시험만 돌려, 설치한 크기와 걸린 시간과 메모리를 봅니다. 2분쯤 걸립니다.
test-binder: .venv/dev
	$(BIN)/python -m pytest -s tests/repository/test_binder.py

## 꾸러미의 시험만. 책도 브라우저도 필요 없고 Linux, macOS, Windows에서 1분 안에 끝납니다.
test-package: .venv/package
	$(BIN)/python -m pytest -n auto $(PACKAGE_TESTS)

## pyproject.toml이 허용하는 가장 오래된 꾸러미로 같은 시험을 돌립니다. .venv-oldest에 설치합니다.
test-oldest: .venv-oldest/ready
	$(OLDEST)/python -m pytest -n auto $(PACKAGE_TESTS)

## 책에서 바깥으로 가는 링크를 모두 열어 보고, 닿지 않는 것을 적습니다. 인터넷이 있어야 합니다.
linkcheck: .venv/book
	rm -rf _build/linkcheck
	-$(BIN)/jupyter-book build -q --builder linkcheck --path-output _build/linkcheck .
	$(BIN)/python -m publish.links > "$${GITHUB_STEP_SUMMARY:-/dev/stdout}"

## 정해 둔 판에 알려진 취약점이 있는지 묻습니다. 인터넷이 있어야 합니다.
audit: .venv/package
	$(BIN)/uv run --no-project --with-requirements requirements-audit.txt pip-audit --requirement constraints.txt \
	  --no-deps --disable-pip --format markdown --output "$${GITHUB_STEP_SUMMARY:-/dev/stdout}"

## GitHub Actions의 파일이 형식에 맞고 안전한지 봅니다.
lint-workflows: .venv/dev
	$(BIN)/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	$(BIN)/check-jsonschema --builtin-schema vendor.dependabot .github/dependabot.yml
	$(BIN)/zizmor --offline --pedantic --no-progress .github

## 11장의 표와 코드 조각을 진짜 PyTorch, Keras, JAX에 견줍니다. 책과 따로 .venv-parity에 설치합니다(2 GB쯤).
parity: .venv-parity/ready
	KERAS_BACKEND=jax PYTHONPATH=. .venv-parity/bin/python -m pytest --noconftest -p no:cacheprovider \
	  tests/chapters/test_parity.py tests/package/test_network.py -k "parity or torch"

## 수강생에게 줄 문제지와 zip을 course/에 만듭니다. WI_COURSE_SECRET이 있으면 그 값에서 정한 수를 씁니다.
assignments: .venv/book
	$(BIN)/python -m classroom.sheets

## Colab과 JupyterHub의 단추가 여는 수강생용 판을 _build/student에 만듭니다. publish-student는 저장소의 student 가지에 올립니다.
student: .venv/book
	rm -rf _build/student
	$(BIN)/python -m publish.edition _build/student

publish-student: student
	git fetch --quiet --depth 1 origin +student:refs/remotes/origin/student || true
	$(BIN)/ghp-import --no-jekyll --push --branch student --message "수강생용 판" _build/student

## 받은 답을 모읍니다. 다른 폴더에서 모으려면 make collect FROM=폴더.
collect: .venv/book
	$(BIN)/python -m classroom.grading collect $(FROM)

## 채점하고, 돌려줄 평가를 만들고, 성적을 CSV로 내보냅니다. moderate는 장을 정해 부릅니다: make moderate SHEET=05_he
grade feedback: .venv/book
	$(BIN)/python -m classroom.grading $@

grades: .venv/book
	$(BIN)/python -m classroom.grading export

moderate: .venv/book
	$(BIN)/python -m classroom.grading moderate $(SHEET)

## 장에서 강의용 슬라이드를 만듭니다. 한 장만 만들려면 make slides CHAPTER=02_sigmoid_std. 책이 먼저 있으면 책으로도 잇습니다.
slides: .venv/slides
	$(BIN)/python -m publish.slides $(CHAPTER)

## 책 전체를 쪽 번호가 있는 PDF 한 권으로 만듭니다. Chromium이 있어야 합니다.
pdf: .venv/dev book
	$(BIN)/python -m publish.pdf

## 노트북을 다시 실행해 출력을 저장합니다.
execute: .venv/book
	$(BIN)/python -m tools.notebooks $(NOTEBOOKS)

## chapters/data의 측정 결과를 다시 만듭니다. 끊기면 다음에 남은 것만 이어서 돕니다.
results: .venv/book
	for experiment in $(EXPERIMENTS); do $(BIN)/python -m $$experiment || exit 1; done

## 학습 한 걸음, 신호 전파, RBM의 속도를 다른 구현과 견줍니다.
bench: .venv/book
	$(BIN)/python -m benchmarks.training_step
	$(BIN)/python -m benchmarks.pretraining_step

## 움직여 보는 실험의 지연과 무게를 html-manager, interact와 견줍니다. Chromium과 npm이 있어야 합니다.
bench-explorers: .venv/dev book
	$(BIN)/python -m benchmarks.explorers

## 문제지를 푸는 학생 한 명과 서른 명의 채점에 드는 시간과 메모리를 잽니다. 10분쯤 걸립니다.
bench-classroom: .venv/dev
	$(BIN)/python -m benchmarks.classroom

## 찾기의 여섯 가지 방법을 재현율, 정밀도, 색인의 크기로 견줍니다. kiwipiepy가 없으면 그것만 뺍니다.
bench-search: .venv/dev book
	$(BIN)/python -m benchmarks.search

## 책의 몇 쪽을 Lighthouse로 재고, 목표에 못 미치면 실패합니다. Chromium과 npm이 있어야 합니다. 3분쯤 걸립니다.
lighthouse: book
	$(BIN)/python -m benchmarks.lighthouse

lint: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

## 판 번호를 모두 적은 constraints.txt를 다시 만듭니다.
lock: .venv/dev
	grep -hv '^-' requirements.txt requirements-book.txt requirements-package.txt requirements-dev.txt | $(BIN)/uv pip compile --universal \
	  --python-version 3.11 --no-header --no-annotate --no-emit-index-url --no-emit-find-links -o constraints.txt -

clean:
	rm -rf .venv .venv-oldest .venv-parity _build build *.egg-info

.venv/book: requirements.txt requirements-book.txt constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-book.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/package: requirements-package.txt constraints.txt pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -r requirements-package.txt --editable .
	@touch $@

.venv-oldest/ready: .venv/package
	$(BIN)/uv venv --quiet --clear --python $(PYTHON) .venv-oldest
	$(BIN)/uv pip install --quiet --python .venv-oldest --resolution lowest-direct -r requirements-package.txt --editable .
	@touch $@

.venv/dev: .venv/book requirements-dev.txt requirements-package.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@

.venv/slides: .venv/book requirements-slides.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-slides.txt
	@touch $@

# Linux에서 그냥 설치하면 torch가 CUDA까지 몇 GB를 받으므로 CPU 판이 있는 곳을 먼저 봅니다. 그곳에 닿지 않으면 pip이
# 경고하고 평소의 자리에서 받습니다. 다른 곳을 쓰려면 make parity TORCH_CPU=주소, 쓰지 않으려면 TORCH_CPU=로 비웁니다.
TORCH_CPU ?= https://download.pytorch.org/whl/cpu

.venv-parity/ready: requirements-parity.txt constraints.txt
	$(PYTHON) -m venv .venv-parity
	.venv-parity/bin/pip install --quiet --disable-pip-version-check --no-deps --retries 1 \
	  $(if $(TORCH_CPU),--extra-index-url $(TORCH_CPU)) $$(grep '^torch==' requirements-parity.txt)
	.venv-parity/bin/pip install --quiet --disable-pip-version-check -r requirements-parity.txt
	@touch $@
