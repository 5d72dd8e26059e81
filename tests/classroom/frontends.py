"""front end가 노트북을 저장하는 법. 새로 찾은 것은 표에 한 줄을 더합니다."""

import copy
import json

import nbformat

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="


def data(notebook):
    """노트북을 JSON의 모양으로."""
    return json.loads(nbformat.writes(notebook))


def dumped(found, **options):
    return json.dumps(found, ensure_ascii=False, **options).encode()


def each(found, change):
    for number, cell in enumerate(found["cells"]):
        change(number, cell)
    return found


def without_ids(found, minor=4):
    found["nbformat_minor"] = minor
    return each(found, lambda number, cell: cell.pop("id"))


def colab(found):
    """Colab: nbformat 4.0, id는 metadata에, 출력에도 metadata. 출력의 위젯은 노트북의 metadata에 들어 있습니다."""

    def change(number, cell):
        cell["metadata"]["id"] = f"Xy{number}-_{'가' if number == 3 else 'b'}"
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "4f1d"}
            cell["outputs"] = [
                {"output_type": "stream", "name": "stdout", "text": ["통과했습니다.\n"], "metadata": {"tags": []}}
            ]

    each(without_ids(found, 0), change)
    found["metadata"] |= {
        "colab": {"provenance": [], "toc_visible": True},
        "kernelspec": {"name": "python3", "display_name": "Python 3"},
        "language_info": {"name": "python"},
        "widgets": {"application/vnd.jupyter.widget-state+json": {"0a": {"model_module": "@jupyter-widgets/base"}}},
        "accelerator": "GPU",
    }
    return found


def foreign(found):
    """Kaggle과 Deepnote: 모르는 metadata를 모두 버리고 제 것을 적습니다."""

    def change(number, cell):
        cell["metadata"] = {"_uuid": f"{number:040x}", "cell_id": f"{number:032x}", "deepnote_cell_type": "code"}
        cell["metadata"] |= {"trusted": True, "execution": {"iopub.status.busy": "2027-03-02T12:00:00.000000Z"}}

    each(without_ids(found), change)
    found["metadata"] = {"kaggle": {"accelerator": "none", "dataSources": []}, "deepnote": {}, "orig_nbformat": 2}
    return found


def with_metadata(found, **values):
    found["metadata"] |= values
    return found


def vscode(found):
    each(found, lambda number, cell: cell["metadata"].update({"vscode": {"languageId": "python"}}))
    return with_metadata(
        found, kernelspec={"display_name": ".venv (3.12.3)", "name": "python3"}, language_info={"version": "3.12.3"}
    )


def dataspell(found):
    def change(number, cell):
        if cell["cell_type"] == "code":
            cell["metadata"] |= {"ExecuteTime": {"end_time": "2027"}, "jupyter": {"is_executing": True}}
            cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "1"}, "execution_count": None}]

    return each(found, change)


def odd_outputs(found):
    """출력이 없거나, 목록이 아니거나, 틀린 모양입니다."""
    wrong = [None, {}, "x", [1], [{"output_type": "stream"}], [{"output_type": "display_data", "data": [float("nan")]}]]

    def change(number, cell):
        if cell["cell_type"] == "code":
            cell["outputs"], cell["execution_count"] = wrong[number % len(wrong)], "셋"
            if number % 4 == 0:
                del cell["outputs"]

    return each(found, change)


def odd_metadata(found):
    """답 셀이 아닌 셀의 표시가 틀린 형이고, 판 표시도 그렇습니다."""
    wrong = iter(
        [None, [], "x", {"nbgrader": None}, {"nbgrader": []}, {"nbgrader": {"grade_id": 3}}, {"nbgrader": "x"}]
    )

    def change(number, cell):
        if "answer" not in cell["id"]:
            cell["metadata"] = next(wrong, {"nbgrader": {"locked": [], "checksum": [], "grade_id": None}})

    each(found, change)
    return with_metadata(found, wi_sheet=None, kernelspec=None, language_info=[])


def ids(found, value):
    return each(found, lambda number, cell: cell.update(id=value))


def sources(found, change):
    return each(found, lambda number, cell: cell.update(source=change(cell["source"])))


def without_kernel(found):
    del found["metadata"]["kernelspec"]
    return found


def other_kernel(found):
    r = {"display_name": "R", "language": "R", "name": "ir"}
    return with_metadata(found, kernelspec=r, language_info={"name": "R", "version": "4.4.1"})


def minor(number):
    return lambda notebook: dumped(without_ids(data(notebook), number))


def version_3(notebook):
    return nbformat.writes(nbformat.convert(copy.deepcopy(notebook), 3), 3).encode()


def repeated_key(notebook):
    return nbformat.writes(notebook).replace('"nbformat": 4', '"nbformat": 3, "nbformat": 4').encode()


def saved(change, **options):
    return lambda notebook: dumped(change(data(notebook)), **options)


def whole(notebook):
    return nbformat.writes(notebook)


def many_cells(found):
    empty = {"cell_type": "code", "metadata": {}, "outputs": [], "execution_count": None, "source": ""}
    found["cells"] += [{**empty, "id": f"x{i}"} for i in range(10_000)]
    return found


# 저장하는 법 → 노트북을 바이트로 바꾸는 함수. 모두 읽혀서, 되돌리면 답이 하나도 다르지 않습니다.
SAVED = {
    "JupyterLab 4, Notebook 7": lambda notebook: whole(notebook).encode(),
    **{f"옛 Jupyter (4.{number})": minor(number) for number in range(5)},
    "IPython 2 (nbformat 3)": version_3,
    "Colab": saved(colab),
    "Colab의 새 형식 (4.5)": saved(lambda found: with_metadata(found, colab={"provenance": []})),
    "Kaggle과 Deepnote": saved(foreign),
    "VS Code": saved(vscode),
    "DataSpell": saved(dataspell),
    "R의 커널": saved(other_kernel),
    "conda의 커널": saved(lambda found: with_metadata(found, kernelspec={"name": "conda-env-딥러닝-py"})),
    "커널이 적히지 않음": saved(without_kernel),
    "id가 null": saved(lambda found: ids(found, None)),
    "id가 모두 같음": saved(lambda found: ids(found, "same")),
    "id가 수": saved(lambda found: ids(found, 3)),
    "틀린 metadata": saved(odd_metadata),
    "틀린 출력": saved(odd_outputs),
    "글이 한 줄짜리 문자열": saved(lambda found: sources(found, "".join)),
    "글이 줄의 목록": saved(lambda found: sources(found, lambda lines: "".join(lines).splitlines(keepends=True))),
    "글의 줄바꿈이 CRLF": saved(lambda found: sources(found, lambda lines: "".join(lines).replace("\n", "\r\n"))),
    "파일의 줄바꿈이 CRLF": lambda notebook: whole(notebook).replace("\n", "\r\n").encode(),
    "BOM": lambda notebook: whole(notebook).encode("utf-8-sig"),
    "UTF-16": lambda notebook: whole(notebook).encode("utf-16"),
    "UTF-16, BOM 없음": lambda notebook: whole(notebook).encode("utf-16-le"),
    "CP949": lambda notebook: whole(notebook).encode("cp949", "xmlcharrefreplace"),
    "\\u로 적은 JSON": lambda notebook: json.dumps(data(notebook)).encode(),
    "겹친 열쇠": repeated_key,
    "빈 셀 10,000개": saved(many_cells),
}
# 읽을 수 없는 파일 → 들을 말.
UNREADABLE = {
    "빈 파일": (b"", "빈 파일"),
    "0으로 찬 파일": (b"\x00" * 4096, "빈 파일"),
    "목록": (b"[]", "노트북의 셀이 없습니다"),
    "null": (b"null", "노트북의 셀이 없습니다"),
    "셀이 없음": (b'{"nbformat": 4, "metadata": {}}', "노트북의 셀이 없습니다"),
    "셀이 수": (b'{"nbformat": 4, "cells": [1]}', "셀이 아닌 것"),
    "앞날의 형식": (b'{"nbformat": 5, "cells": []}', "nbformat 5의 노트북은 읽지 못합니다"),
    "웹 페이지": ("<!doctype html><title>로그인</title>".encode(), "웹 페이지를 저장한 것"),
    "깊은 괄호": (b'{"cells": ' + b"[" * 200_000 + b"}", "노트북으로 읽을 수 없습니다(RecursionError)"),
    "Git LFS": (b"version https://git-lfs.github.com/spec/v1\n", "노트북으로 읽을 수 없습니다"),
    "PDF": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "노트북으로 읽을 수 없습니다"),
    "긴 수": (b'{"cells": ' + b"9" * 5000 + b"}", "노트북으로 읽을 수 없습니다"),
}
