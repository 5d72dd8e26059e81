"""수강생용 판을 만듭니다: 책의 노트북, 풀이를 뺀 문제지, 자료, 꾸러미(wheel). Colab과 JupyterHub에서 엽니다.

    python -m publish.edition 폴더

책을 내는 워크플로가 이 폴더를 저장소의 student 가지에 올립니다(make publish-student). Colab에는 wi_lib도 자료도
없으므로, 책의 노트북마다 첫 코드 셀 앞에 그것을 받는 셀을 넣습니다. 문제지에는 꾸러미를 설치하는 셀이 이미 있습니다.
그 셀에 적을 저장소의 주소는 만들 때 정해지므로, 포크는 포크의 것을 받습니다.
"""

import argparse
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell

from classroom import handout
from classroom import sheets as assignments
from classroom.plain import documents

from . import addresses as launch

SETUP = """\
# Colab에서 처음 한 번: 책의 꾸러미와 자료를 받고, 조절기를 켭니다(1분쯤).
import sys
if "google.colab" in sys.modules:
    from google.colab import output
    output.enable_custom_widget_manager()
    ![ -d ~/book ] || git clone -q --depth 1 -b {branch} {address} ~/book
    %pip install -q ~/book/{wheel}
    %cd -q ~/book/chapters"""


def add_setup(path, setup):
    """첫 코드 셀 앞에 준비하는 셀을 넣습니다."""
    notebook = nbformat.read(path, as_version=4)
    at = next(i for i, cell in enumerate(notebook.cells) if cell.cell_type == "code")
    notebook.cells.insert(at, new_code_cell(setup, id="colab-setup"))
    assignments.write(notebook, path)


def write(folder, repository):
    """수강생용 판을 folder에 씁니다. repository는 "주인/저장소"입니다."""
    address = f"https://github.com/{repository}"
    assignments.write_students(folder, launch.site_url(), f"{address}/raw/{launch.EDITION}/")
    package = handout.wheel(folder).name
    handout.guide(folder, package)
    setup = SETUP.format(branch=launch.EDITION, address=address, wheel=package)
    for docname in documents():
        add_setup(folder / f"{docname}.ipynb", setup)


def main():
    parser = argparse.ArgumentParser(description="수강생용 판을 만듭니다.")
    parser.add_argument("folder", metavar="폴더", type=Path, help="빈 폴더나 새 폴더")
    folder, repository = parser.parse_args().folder, launch.repository()
    if not repository:
        parser.error('저장소의 주소를 모릅니다. 환경 변수 GITHUB_REPOSITORY에 "주인/저장소"를 적으십시오.')
    write(folder, repository)
    print(f"수강생용 판이 있는 곳: {folder}")


if __name__ == "__main__":
    main()
