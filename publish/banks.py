"""문제 은행을 LMS가 들여오는 두 형식으로 적습니다: Moodle XML과, Canvas가 읽는 QTI 1.2의 zip.

책을 만들 때 함께 만들어 사이트에 두므로(book/questions.py), 강의자는 책의 페이지에서 내려받습니다. 같은 책이면 늘 같은
바이트입니다.
"""

import base64
import html
import io
import re
import zipfile
from itertools import groupby
from urllib.parse import quote
from xml.etree import ElementTree

from publish import questions

BOOK = "가중치 초기화"
MULTIPLE, NUMERICAL, ESSAY = "multiple_choice_question", "numerical_question", "essay_question"
FORMULA = re.compile(r"\\\((.+?)\\\)|\\\[(.+?)\\\]", re.S)
PICTURE = re.compile(r'(<img [^>]*src=")([^"]+)')
QTI = {"xmlns": "http://www.imsglobal.org/xsd/ims_qtiasiv1p2"}
PACKAGE = {"xmlns": "http://www.imsglobal.org/xsd/imsccv1p1/imscp_v1p1"}
META = "associatedcontent/imscc_xmlv1p1/learning-application-resource"
SETTINGS = {"xmlns": "http://canvas.instructure.com/xsd/cccv1p0"}


def write(texts, site):
    """{페이지의 이름: HTML}의 문제를 사이트의 questions 폴더에. 그림은 사이트에 있는 것을 읽습니다."""
    found = [question for page in questions.pages(texts) for question in questions.questions(page)]
    pictures = {name: (site / path).read_bytes() for question in found for name, path in question.pictures.items()}
    folder = site / "questions"
    folder.mkdir(exist_ok=True)
    for name, content in (("moodle.xml", moodle(found, pictures)), ("canvas.zip", canvas(found, pictures))):
        temporary = folder / f"{name}.part"
        temporary.write_bytes(content)
        temporary.replace(folder / name)


def style(question):
    """Canvas가 부르는 문제의 종류."""
    return MULTIPLE if question.choices else NUMERICAL if question.span else ESSAY


def node(tag, *children, text=None, **attributes):
    made = ElementTree.Element(tag, {name: str(value) for name, value in attributes.items()})
    made.extend(children)
    made.text = text
    return made


def document(root):
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


# Moodle XML: question/format/xml이 읽는 차례와 이름


def moodle(found, pictures):
    """장마다, 종류마다 한 범주(category)에 담습니다."""
    quiz = node("quiz")
    for (chapter, kind), group in groupby(found, key=lambda question: (question.chapter, question.kind)):
        # 이름에 든 /는 //로 적어야 범주가 나뉘지 않습니다.
        path = "/".join(part.replace("/", "//") for part in (BOOK, chapter, kind))
        category = node("category", node("text", text=f"$course$/top/{path}"))
        quiz.append(node("question", category, type="category"))
        quiz.extend(moodle_question(question, pictures) for question in group)
    return document(quiz)


def moodle_question(question, pictures):
    made = node("question", type={MULTIPLE: "multichoice", NUMERICAL: "numerical", ESSAY: "essay"}[style(question)])
    made.append(node("name", node("text", text=question.title)))
    made.append(with_files("questiontext", question.text, pictures))
    made.append(with_files("generalfeedback", question.answer, pictures))
    settings = {"defaultgrade": 1, "penalty": 0, "hidden": 0, "idnumber": question.name}
    if style(question) == ESSAY:
        settings |= {"responseformat": "editor", "responserequired": 1, "responsefieldlines": 10, "attachments": 0}
    elif style(question) == MULTIPLE:
        # 보기의 번호로 답을 말하므로 섞지 않고, Moodle의 번호도 붙이지 않습니다.
        settings |= {"single": "true", "shuffleanswers": "false", "answernumbering": "none"}
    made.extend(node(name, text=str(value)) for name, value in settings.items())
    if style(question) == ESSAY:
        made.append(with_files("graderinfo", question.answer, pictures))
    if question.span:
        middle, half = (sum(question.span) / 2, (question.span[1] - question.span[0]) / 2)
        made.append(node("answer", *fields(text=f"{middle:.12g}", tolerance=f"{half:.12g}"), fraction=100))
    for i, choice in enumerate(question.choices):
        fraction = 100 if i == question.right else 0
        made.append(node("answer", node("text", text=choice), format="html", fraction=fraction))
    return made


def with_files(tag, text, pictures):
    """글과, 그 글이 부르는 그림."""
    made = node(tag, node("text", text=PICTURE.sub(r"\1@@PLUGINFILE@@/\2", text)), format="html")
    for _, name in PICTURE.findall(text):
        content = base64.b64encode(pictures[name]).decode()
        made.append(node("file", text=content, name=name, path="/", encoding="base64"))
    return made


# Canvas: 장마다, 종류마다 퀴즈 하나


def canvas(found, pictures):
    """imsmanifest.xml과 퀴즈마다의 폴더, 그림이 든 zip."""
    files, resources = {}, node("resources")
    for (chapter, kind), group in groupby(found, key=lambda question: (question.chapter, question.kind)):
        asked = list(group)
        name = re.match(r"wi-\d+-[a-z]+", asked[0].name)[0]
        title = f"{chapter} ({kind})"
        files[f"{name}/{name}.xml"] = document(assessment(name, title, asked))
        files[f"{name}/assessment_meta.xml"] = document(
            # 받자마자 성적에 들어가지 않도록 연습 퀴즈로 둡니다.
            node("quiz", *fields(title=title, quiz_type="practice_quiz"), identifier=name, **SETTINGS)
        )
        parts = node("file", href=f"{name}/{name}.xml"), node("dependency", identifierref=f"{name}-meta")
        resources.append(node("resource", *parts, identifier=name, type="imsqti_xmlv1p2"))
        resources.append(resource(f"{name}-meta", META, f"{name}/assessment_meta.xml"))
    for name, content in pictures.items():
        files[f"images/{name}"] = content
        resources.append(resource(name.replace(".", "-"), "webcontent", f"images/{name}"))
    version = node("metadata", *fields(schema="IMS Content", schemaversion="1.1.3"))
    manifest = node("manifest", version, node("organizations"), resources, identifier="wi-questions", **PACKAGE)
    return zipped({"imsmanifest.xml": document(manifest), **files})


def fields(**values):
    return [node(name, text=value) for name, value in values.items()]


def resource(identifier, kind, path):
    return node("resource", node("file", href=path), identifier=identifier, type=kind, href=path)


def zipped(files):
    """적힌 시각이 없는 zip."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, content in files.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()


def assessment(name, title, asked):
    section = node("section", *map(item, asked), ident="root_section")
    return node("questestinterop", node("assessment", section, ident=name, title=title), **QTI)


def item(question):
    labels = (("question_type", style(question)), ("points_possible", "1"))
    metadata = [node("qtimetadatafield", *fields(fieldlabel=name, fieldentry=value)) for name, value in labels]
    return node(
        "item",
        node("itemmetadata", node("qtimetadata", *metadata)),
        node("presentation", material(question.text), response(question)),
        node("resprocessing", *scoring(question)),
        node("itemfeedback", node("flow_mat", material(question.answer)), ident="general_fb"),
        ident=question.name,
        title=question.title,
    )


def response(question):
    if not question.choices:
        kind = {"fibtype": "Decimal"} if question.span else {}
        blank = node("render_fib", node("response_label", ident="answer1", rshuffle="No"), **kind)
        return node("response_str", blank, ident="response1", rcardinality="Single")
    labels = [node("response_label", material(text), ident=str(i)) for i, text in enumerate(question.choices, 1)]
    return node("response_lid", node("render_choice", *labels), ident="response1", rcardinality="Single")


def scoring(question):
    """누구에게나 답을 보이고, 객관식과 수치형이면 맞은 것에 100점을 줍니다."""
    score = node("decvar", maxvalue=100, minvalue=0, varname="SCORE", vartype="Decimal")
    shown = node("displayfeedback", feedbacktype="Response", linkrefid="general_fb")
    yield node("outcomes", score)
    yield node("respcondition", node("conditionvar", node("other")), shown, **{"continue": "Yes"})
    if style(question) == ESSAY:
        yield node("respcondition", node("conditionvar", node("other")), **{"continue": "No"})
    else:
        full = node("setvar", text="100", action="Set", varname="SCORE")
        yield node("respcondition", node("conditionvar", *matched(question)), full, **{"continue": "No"})


def matched(question):
    """맞은 답의 조건."""
    if question.choices:
        return [node("varequal", text=str(question.right + 1), respident="response1")]
    ends = zip(("vargte", "varlte"), question.span)
    return [node(test, text=f"{end:.12g}", respident="response1") for test, end in ends]


def material(text):
    shown = FORMULA.sub(equation, PICTURE.sub(r"\1%24IMS-CC-FILEBASE%24/images/\2", text))
    return node("material", node("mattext", text=shown, texttype="text/html"))


def equation(found):
    """Canvas의 수식 편집기가 저장하는 그림. 그 서버가 그리고, 다시 편집할 수 있습니다."""
    tex = " ".join(html.unescape(found[1] or found[2]).split())
    shown = html.escape(tex)
    # Canvas는 주소에 적은 TeX을 두 번 풉니다.
    source = f"/equation_images/{quote(quote(tex, safe=''), safe='')}"
    return (
        f'<img class="equation_image" title="{shown}" src="{source}" alt="LaTeX: {shown}"'
        f' data-equation-content="{shown}">'
    )
