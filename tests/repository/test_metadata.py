"""노트북에는 쓰이는 메타데이터만 남습니다."""

import json
from pathlib import Path

import nbformat
import pytest

from tools import metadata

ROOT = Path(__file__).parents[2]
NOTEBOOKS = [path for room in (".", "chapters", "exercises") for path in sorted(ROOT.glob(f"{room}/*.ipynb"))]


def with_stray(place):
    """편집기가 한 것처럼, 쓰이지 않는 메타데이터가 든 노트북."""
    notebook = nbformat.read(NOTEBOOKS[0], as_version=4)
    kept = notebook if place == "노트북" else notebook.cells[0]
    kept.metadata["language_info"] = {"name": "python"}
    return notebook


@pytest.mark.parametrize("place", ["노트북", "셀"])
def test_stray_metadata_is_refused(place, tmp_path):
    path = tmp_path / "stray.ipynb"
    nbformat.write(with_stray(place), path)
    with pytest.raises(SystemExit, match=r"stray\.ipynb: .*language_info.*make execute"):
        metadata.main([path])


def test_another_kernel_is_refused(tmp_path):
    path = tmp_path / "stray.ipynb"
    nbformat.write(nbformat.v4.new_notebook(metadata={"kernelspec": {"name": "mine", "display_name": "내 환경"}}), path)
    with pytest.raises(SystemExit, match=r"stray\.ipynb: .*kernelspec"):
        metadata.main([path])


def test_repeated_ids_are_refused(tmp_path):
    path = tmp_path / "sheet.ipynb"
    cell = {"cell_type": "raw", "id": "question-5", "metadata": {}, "source": ""}
    notebook = {"cells": [cell, cell], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}
    path.write_text(json.dumps(notebook), encoding="utf-8")
    with pytest.raises(SystemExit, match=r"sheet\.ipynb: 한 id를 셀 여럿이 씁니다\(question-5\)"):
        metadata.main([path])


@pytest.mark.parametrize("change", [{"grade_id": "question-9"}, None], ids=["다른 이름", "없음"])
def test_misnamed_cell_of_a_sheet_is_refused(change, tmp_path):
    """nbgrader는 grade_id로, 이 책은 id로 셀을 찾습니다."""
    path = tmp_path / "exercises" / "05_he.ipynb"
    path.parent.mkdir()
    notebook = nbformat.read(ROOT / "exercises" / "05_he.ipynb", as_version=4)
    cell = next(cell for cell in notebook.cells if cell.id == "question-1")
    if change:
        cell.metadata.nbgrader |= change
    else:
        del cell.metadata["nbgrader"]
    nbformat.write(notebook, path)
    with pytest.raises(SystemExit, match=r"셀의 id와 nbgrader의 grade_id가 다릅니다\(question-1\)"):
        metadata.main([path])


def test_stored_notebooks_pass():
    metadata.main(NOTEBOOKS)
