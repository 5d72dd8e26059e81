"""문제 은행의 두 파일을 LMS가 들여올 때처럼 읽습니다. 들여오는 쪽이 거르거나 고쳐 읽을 것이 있으면 실패합니다.

Moodle은 question/format/xml/format.php가 보는 자리를, Canvas는 imsmanifest.xml에서 시작해 적힌 파일을 봅니다.
"""

import base64
import re
import zipfile
from urllib.parse import unquote
from xml.etree import ElementTree

from publish import banks

PICTURE = re.compile(r'<img [^>]*src="([^"]+)"')
FIELDS = ("name", "title", "text", "answer", "choices", "right", "span", "pictures", "place")
IMS = {"p": banks.PACKAGE["xmlns"], "q": banks.QTI["xmlns"], "c": banks.SETTINGS["xmlns"]}


def entry(*values):
    return dict(zip(FIELDS, values, strict=True))


def moodle_text(element):
    """import_text_with_files: 형식이 html인 글과, 그 곁의 그림 {이름: 내용}."""
    assert element.get("format") == "html"
    files = {file.get("name"): base64.b64decode(file.text, validate=True) for file in element.findall("file")}
    assert all(file.get("path") == "/" and file.get("encoding") == "base64" for file in element.findall("file"))
    shown = element.findtext("text")
    assert [f"@@PLUGINFILE@@/{name}" for name in files] == PICTURE.findall(shown)
    return shown, files


def moodle_question(element, place):
    kind, span = element.get("type"), None
    shown, files = moodle_text(element.find("questiontext"))
    told, explained = moodle_text(element.find("generalfeedback"))
    answers = element.findall("answer")
    right = [i for i, answer in enumerate(answers) if answer.get("fraction") == "100"]
    if kind == "essay":
        assert not answers
        assert moodle_text(element.find("graderinfo")) == (told, explained)
        assert element.findtext("responseformat") == "editor"
    elif kind == "numerical":
        [answer] = answers
        middle, half = (float(answer.findtext(name)) for name in ("text", "tolerance"))
        span, answers, right = (middle - half, middle + half), [], []
        assert answer.get("fraction") == "100"
    else:
        assert kind == "multichoice"
        assert element.findtext("single") == "true"
        assert len(right) == 1
        assert {answer.get("fraction") for answer in answers} == {"0", "100"}
    choices = [answer.findtext("text") for answer in answers]
    name, title = element.findtext("idnumber"), element.findtext("name/text")
    return entry(name, title, shown, told, choices, right[0] if right else None, span, files | explained, place)


def moodle(path):
    """Moodle XML의 문제의 목록."""
    found, place = [], None
    for element in ElementTree.parse(path).getroot():
        if element.get("type") == "category":
            place = element.findtext("category/text")
        else:
            found.append(moodle_question(element, place))
    return found


def canvas_text(element, archive, files):
    """mattext의 HTML. 그림은 zip에 있고 목록에 적힌 것이고, 식은 Canvas의 수식입니다."""
    [mattext] = element.findall(".//q:mattext", IMS)
    assert mattext.get("texttype") == "text/html"
    pictures = {}
    for source in PICTURE.findall(mattext.text):
        if not source.startswith("/equation_images/"):
            path = re.fullmatch(r"\$IMS-CC-FILEBASE\$/(.+)", unquote(source))[1]
            assert path in files
            pictures[path.removeprefix("images/")] = archive.read(path)
    return mattext.text, pictures


def canvas_question(element, place, archive, files):
    labels = [field.text for field in element.findall(".//q:qtimetadatafield/*", IMS)]
    kind = dict(zip(labels[::2], labels[1::2]))["question_type"]
    shown, pictures = canvas_text(element.find("q:presentation/q:material", IMS), archive, files)
    told, explained = canvas_text(element.find("q:itemfeedback[@ident='general_fb']", IMS), archive, files)
    labels = element.findall(".//q:render_choice/q:response_label", IMS)
    choices = [canvas_text(label, archive, files)[0] for label in labels]
    rules = element.findall(".//q:respcondition", IMS)
    full = [
        rule.findtext(".//q:varequal", None, IMS) for rule in rules if rule.findtext("q:setvar", None, IMS) == "100"
    ]
    right = [i for i, label in enumerate(labels) if label.get("ident") in full]
    ends = [element.findtext(f".//q:{test}", None, IMS) for test in ("vargte", "varlte")]
    span = tuple(map(float, ends)) if all(ends) else None
    assert kind == ("multiple_choice_question" if choices else "numerical_question" if span else "essay_question")
    assert len(right) == bool(choices)
    assert len(full) == bool(choices or span)
    assert (element.find(".//q:render_fib[@fibtype='Decimal']", IMS) is not None) == bool(span)
    name, title = element.get("ident"), element.get("title")
    return entry(name, title, shown, told, choices, right[0] if right else None, span, pictures | explained, place)


def canvas(path):
    """zip의 문제의 목록."""
    found = []
    with zipfile.ZipFile(path) as archive:
        manifest = ElementTree.fromstring(archive.read("imsmanifest.xml"))
        resources = {found.get("identifier"): found for found in manifest.iterfind(".//p:resource", IMS)}
        files = {file.get("href"): found for found in resources.values() for file in found.iterfind("p:file", IMS)}
        assert sorted([*files, "imsmanifest.xml"]) == sorted(archive.namelist())
        for href, resource in files.items():
            if resource.get("type") == "imsqti_xmlv1p2":
                beside = resources[resource.find("p:dependency", IMS).get("identifierref")].get("href")
                settings = ElementTree.fromstring(archive.read(beside))
                assert settings.findtext("c:quiz_type", None, IMS) == "practice_quiz"
                assessment = ElementTree.fromstring(archive.read(href)).find("q:assessment", IMS)
                items = assessment.findall("q:section/q:item", IMS)
                found += [canvas_question(item, assessment.get("title"), archive, files) for item in items]
    return found
