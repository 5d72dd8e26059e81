"""무엇이 무엇보다 낫다, 비슷하다, 가를 수 없다고 하는 문장은 짝지은 차이의 95 % t 구간이 받칩니다."""

import functools
import importlib
import pkgutil

import nbformat
import numpy as np
import pytest

from tests.browsing import ROOT
from tests.chapters import compared
from wi_lib import mean_interval

EACH = [
    pytest.param(module.name, comparison, id=f"{module.name}-{comparison.sentence[:30]}")
    for module in pkgutil.iter_modules(compared.__path__)
    for comparison in importlib.import_module(f"{compared.__name__}.{module.name}").COMPARISONS
]


@functools.cache
def words(chapter):
    """장의 글. chapter_06은 chapters/06_….ipynb, page_sweeps는 sweeps.ipynb입니다."""
    kind, name = chapter.split("_", 1)
    (path,) = (ROOT / "chapters").glob(f"{name}_*.ipynb") if kind == "chapter" else [ROOT / f"{name}.ipynb"]
    notebook = nbformat.read(path, as_version=4)
    return " ".join("\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown").split())


@pytest.mark.parametrize(("chapter", "comparison"), EACH)
def test_the_sentence_is_there(chapter, comparison):
    assert " ".join(comparison.sentence.split()) in words(chapter)


@pytest.mark.parametrize(("chapter", "comparison"), EACH)
def test_the_interval_supports_the_sentence(chapter, comparison):
    given = comparison.differences
    differences = np.asarray(given() if callable(given) else given, float)
    assert differences.ndim == 1
    assert len(differences) >= 5, "시드가 다섯보다 적습니다."
    mean, half = mean_interval(differences)
    supported = {
        "more": mean - half > comparison.by,
        "alike": abs(mean) + half <= comparison.by,
        "unclear": abs(mean) <= half,
    }
    assert supported[comparison.verdict], f"{comparison.sentence}: {mean:.4g} ± {half:.4g}"
