"""nbgrader의 설정. 저장소의 뿌리에서 nbgrader의 명령을 그대로 쓰면 이 파일을 읽습니다."""

import os
import sys
from pathlib import Path

# 그냥 부른 `nbgrader`는 가상 환경의 bin에서 시작하므로, 저장소의 뿌리에 있는 classroom을 찾지 못합니다.
sys.path.insert(0, str(Path(__file__).parent))
# nbgrader는 새 성적부를 만들 때 alembic 명령을 부르는데, 가상 환경을 켜지 않으면 찾지 못합니다.
os.environ["PATH"] = os.pathsep.join((os.path.dirname(sys.executable), os.environ.get("PATH", "")))

from nbconvert.preprocessors import ClearMetadataPreprocessor
from nbgrader.preprocessors import (
    AssignLatePenalties,
    CheckCellMetadata,
    ClearOutput,
    DeduplicateIds,
    LimitOutput,
    OverwriteCells,
    OverwriteKernelspec,
    SaveAutoGrades,
)

from classroom.course import course, database
from classroom.execution import GuardedExecute
from classroom.page import CleanOutputs, ClearGivenScheme, ClearGivenTests, Grades, Page
from classroom.repair import Mend
from classroom.sheets import config

c = get_config()  # noqa: F821
c.merge(config())

c.CourseDirectory.course_id = "weight-init"
c.CourseDirectory.root = str(course())
c.CourseDirectory.db_url = database()

c.Autograde.sanitize_preprocessors = [
    *(Mend, ClearOutput, DeduplicateIds, OverwriteKernelspec, OverwriteCells, CheckCellMetadata),
]
c.Autograde.autograde_preprocessors = [
    *(GuardedExecute, ClearMetadataPreprocessor, LimitOutput, SaveAutoGrades, AssignLatePenalties, CheckCellMetadata),
]
# 수강생이 받는 평가에서는 숨은 시험과 채점 기준을 다시 뺍니다.
c.GenerateFeedback.preprocessors = [CleanOutputs, ClearGivenTests, ClearGivenScheme, Grades]
c.GenerateFeedback.exporter_class = Page
c.Page.template_name = "feedback_page"
c.Page.extra_template_basedirs = [str(Path(__file__).parent / "classroom" / "templates")]
