"""낸 답마다 하나씩 나누어 채점합니다.

작업자는 노트북을 실행하기만 합니다(`worker`). 답을 되돌리고, 점수를 매기고, 성적부와 수업의 폴더에 적는 것은 모두 부른
프로세스에서 nbgrader가 합니다. 적는 것은 답 하나를 실행한 다음에 한꺼번에 하므로, 끊겨도 반만 채점한 것은 하나뿐입니다.
"""

import json
import sys
import warnings
from contextlib import chdir, closing, contextmanager, redirect_stderr, redirect_stdout, suppress

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.apps import AutogradeApp
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException
from tqdm import tqdm

from spread.engine import spread
from spread.places import Stopped, elsewhere
from spread.versions import OtherVersions, explained

from .course import ROOT, course
from .execution import GuardedExecute
from .worker import NoJail, NoRoom, execute, fingerprint, versions

# 그 작업자에 맡긴 것은 모두 이렇게 되므로 멈추는 오류.
STOPPING = (OtherVersions, NoJail, NoRoom, ModuleNotFoundError)


class One(Autograde):
    """낸 답 하나. 되돌리기(sanitized)와 점수(score)의 사이에서 실행은 작업자가 합니다."""

    def __init__(self, path, **options):
        super().__init__(**options)
        self.path = path

    def init_notebooks(self):
        # 본디는 이름을 무늬로 읽으므로, 학생의 이름에 든 [ ]가 다른 뜻이 됩니다.
        self.assignments = {str(self.path.parent): [str(self.path)]}

    def exporter_of(self, steps):
        exporter = NotebookExporter(parent=self, config=self.config)
        for step in steps:
            exporter.register_preprocessor(step)
        return exporter

    def executor(self):
        return GuardedExecute(parent=self.exporter_of([]))

    def sanitized(self):
        """실행할 노트북의 글. 아무것도 적지 않습니다."""
        resources = self.init_single_notebook_resources(str(self.path))
        return self.exporter_of(self.sanitize_preprocessors).from_filename(str(self.path), resources=resources)[0]

    def score(self, executed):
        """executed는 실행한 노트북을 주는 함수입니다. 그것이 내는 오류는 nbgrader가 기록에 적습니다."""
        self.sanitize_preprocessors = [lambda notebook, resources: (executed(), resources)]
        steps = self.autograde_preprocessors
        self.autograde_preprocessors = [step for step in steps if step is not GuardedExecute]
        with suppress(NbGraderException):  # 빠진 것은 부른 쪽이 성적부에서 찾습니다.
            self.start()


class Grading:
    """한 번의 채점. 나오는 말은 course/logs에 장마다 적습니다."""

    def __init__(self, options):
        self.prepared, self.logs = {}, set()
        self.app = AutogradeApp()
        with chdir(ROOT):  # nbgrader_config.py가 있는 곳
            self.app.initialize(["--log-level=WARN", *options])

    @contextmanager
    def logged(self, name):
        path = course() / "logs" / f"autograde-{name}.log"
        path.parent.mkdir(exist_ok=True)
        mode = "a" if name in self.logs else "w"
        self.logs.add(name)
        # 오류의 글에 섞인 학생의 글에는 파일에 적을 수 없는 글자(혼자 남은 서로게이트)가 있을 수 있습니다.
        file = path.open(mode, encoding="utf-8", errors="backslashreplace")
        # 경고는 nbgrader가 부르는 꾸러미의 것이고, 낸 답과 상관없습니다.
        quiet = warnings.catch_warnings(action="ignore")
        with file as log, redirect_stdout(log), redirect_stderr(log), quiet:
            for handler in self.app.log.handlers:
                handler.setStream(log)
            try:
                yield log
            finally:
                for handler in self.app.log.handlers:
                    handler.setStream(sys.__stderr__)

    def one(self, job):
        student, name = job
        path = course() / "submitted" / student / name / f"{name}.ipynb"
        return One(path, coursedir=self.app.coursedir, parent=self.app)

    def up_to_date(self, job):
        """이미 채점했고 그 뒤에 다시 내지 않았는지. nbgrader가 건너뛰는 것과 같습니다."""
        given, done = (course() / step / job[0] / job[1] for step in ("submitted", "autograded"))
        before, after = (self.app.coursedir.get_existing_timestamp(str(path)) for path in (done, given))
        return done.exists() and not (before and after and after > before)

    def arguments(self, job):
        """작업자에 보낼 것. 실행할 것이 없으면 None입니다."""
        with self.logged(job[1]):
            one = self.one(job)
            try:
                notebook, executor = one.sanitized(), one.executor()
            except Exception as error:  # 한 사람의 답이 어떻게 되든 나머지는 채점합니다.
                one.score(raising(error))
                return None
            if not executor.enabled:
                one.score(lambda: nbformat.reads(notebook, as_version=4))
                return None
        self.prepared[job] = notebook
        limits = {"total": executor.total, "each": executor.each}
        return notebook, limits, None if elsewhere() else str(course()), fingerprint()

    def finish(self, job, value, error):
        if job not in self.prepared:
            return
        notebook = self.prepared.pop(job)
        with self.logged(job[1]) as log:
            if value:
                log.write(value[1])
            self.one(job).score(raising(error) if error else lambda: merged(notebook, json.loads(value[0])))


def raising(error):
    def fail():
        raise error

    return fail


def merged(notebook, ran):
    """보낸 노트북에, 작업자가 돌려준 것을 붙인 것."""
    executed = nbformat.reads(notebook, as_version=4)
    for cell, results in zip(executed.cells, ran["cells"], strict=True):
        if results:
            times = results.pop("execution")
            cell.update(nbformat.from_dict(results))
            cell.metadata |= {"execution": times} if times else {}
    executed.metadata.language_info = nbformat.from_dict(ran["language_info"])
    return executed


def autograde(jobs, *options):
    """(학생, 장)마다의 답을 나누어 채점합니다. options는 nbgrader의 설정입니다."""
    grading = Grading(options)
    left = [job for job in jobs if not grading.up_to_date(job)]
    try:
        with (
            tqdm(total=len(jobs), initial=len(jobs) - len(left), desc="autograde", unit="개") as bar,
            closing(spread(left, execute, grading.arguments, "spawn")) as finished,
        ):
            for job, value, error in finished:
                if isinstance(error, STOPPING):
                    raise error
                grading.finish(job, value, error)
                bar.update()
    except OtherVersions as error:
        raise SystemExit(str(explained(error, versions()))) from None
    except (*STOPPING, ConnectionError, Stopped) as error:
        raise SystemExit(str(error)) from None
