"""받은 답을 모으고, 채점하고, 돌려주고, 성적을 내보냅니다. 채점은 모두 nbgrader가 합니다.

    python -m classroom collect 폴더    # LMS에서 받은 파일을 course/submitted에 가지런히 놓습니다
    python -m classroom grade           # 아직 채점하지 않은 것을 코어의 수만큼 나란히 채점합니다
    python -m classroom feedback        # 학생마다 돌려줄 HTML
    python -m classroom export          # course/의 lms.csv, moodle.csv, canvas.csv, grades.csv
    python -m classroom moderate 장     # 문제마다의 득점률과, 다시 채점해 볼 답의 목록

끊겨도 다시 부르면 남은 것만 이어서 합니다. 폴더는 course.course()가 정합니다.
"""

import sys

from .alone import alone
from .collect import collect
from .exports import export
from .feedback import feedback
from .grade import grade
from .moderation import moderate


def main(arguments):
    # 한국어 Windows의 콘솔(CP949)에 없는 글자가 이름에 있어도 멈추지 않습니다.
    sys.stdout.reconfigure(errors="replace")
    commands = {command.__name__: command for command in (collect, grade, feedback, export, moderate)}
    if not arguments or arguments[0] not in commands or len(arguments) != 1 + (arguments[0] in ("collect", "moderate")):
        raise SystemExit(__doc__)
    try:
        with alone(f"make {arguments[0]}"):
            commands[arguments[0]](*arguments[1:])
    except KeyboardInterrupt:
        raise SystemExit("멈췄습니다. 다시 부르면 남은 것만 이어서 합니다.") from None


if __name__ == "__main__":
    main(sys.argv[1:])
