"""제자리에 없는 답을 찾습니다: 새 셀에 쓰거나, 잘라 붙이거나, 나누거나, 주어진 셀에 적은 답."""

import re

from .pasted import parses

NAME = re.compile(r"(?m)^(?:def|class)\s+(\w+)|^(\w+)\s*=(?!=)")


def goals(stub):
    """답을 쓸 자리가 정하게 될 이름."""
    return [first or second for first, second in NAME.findall(stub)]


def defines(code, name):
    """code가 맨 바깥에서 name을 정하는지. 문법이 틀린 코드에서도 봅니다."""
    if re.search(rf"(?m)^(?:def|class)\s+{name}\b", code):
        return True
    # 줄마다 나누어 봅니다. 식 하나로 찾으면 이름이 되풀이되는 긴 줄에서 영영 끝나지 않습니다.
    for line in code.split("\n"):
        target, sign, value = line.partition("=")
        assigns = sign and not value.startswith("=") and "(" not in target and not target[:1].isspace()
        if assigns and re.search(rf"\b{name}\b", target.partition("#")[0]):
            return True
    return False


def extra(cell, given):
    """주어진 셀에 학생이 더 적은 글의 셀. 그대로이면 None입니다."""
    text, kept = cell.source, [line.strip() for line in given.source.splitlines()]
    if given.source.strip() in text:
        more = text.replace(given.source.strip(), "", 1).strip()
    else:
        more = "\n".join(line for line in text.splitlines() if line.strip() not in kept).strip()
    return type(cell)({**cell, "source": more}) if more else None


def only_added(cell, given):
    """주어진 줄을 하나도 고치지 않고 더 적기만 했는지."""
    lines = {line.strip() for line in cell.source.splitlines()}
    return all(line.strip() in lines for line in given.source.splitlines())


class Answers:
    """낸 셀에서 문제마다의 답을 고릅니다. 고른 셀은 added(앞 셀의 이름 → 학생이 더한 셀)에서 빠집니다."""

    def __init__(self, given, pieces, added):
        self.given, self.pieces, self.added, self.keys = given, pieces, added, list(given)
        self.notes = []
        locked = {key: cell for key, cell in given.items() if not cell.metadata.get("nbgrader", {}).get("solution")}
        more = {key: extra(pieces[key][-1], cell) for key, cell in locked.items() if key in pieces}
        self.more = {key: cell for key, cell in more.items() if cell}

    def answer(self, key):
        """답이 된 셀의 목록. 받은 그대로이면 비었습니다."""
        stub, chosen = self.given[key], self.handed_in(key)
        if stub.cell_type != "code":
            return chosen or self.explained(key)
        code = "\n".join(cell.source for cell in chosen)
        if wanted := [name for name in goals(stub.source) if not defines(code, name)]:
            found = self.elsewhere(key, wanted)
            whole = all(any(defines(cell.source, name) for cell in found) for name in wanted)
            # 찾지 못한 이름은 받은 그대로 두어야 확인 셀이 무엇이 없는지 말합니다.
            return [*chosen, *([type(stub)(stub)] if found and not chosen and not whole else []), *found]
        rest = self.added.get(key, [])
        if rest and not parses(code) and parses(f"{code}\n{rest[0].source}"):
            self.notes.append(f"{key}: 둘로 나뉜 셀을 이었습니다.")
            return [*chosen, rest.pop(0)]
        return chosen

    def handed_in(self, key):
        """그 이름의 셀 가운데 답이 쓰인 것. 나뉜 셀은 모두이고, 베껴 놓은 셀은 마지막 것입니다."""
        stub, cells = self.given[key], self.pieces.get(key, [])
        written = {c.source.strip(): c for c in cells if c.source.strip() not in ("", stub.source.strip())}
        written = list(written.values())
        if len(cells) > 1 and len(written) < 2:
            self.notes.append(f"{key}: 같은 셀이 여럿이라 마지막 것을 채점했습니다.")
        if len(written) < 2:
            return written
        code = stub.cell_type == "code"
        if not code or not all(defines(written[-1].source, name) for name in goals(stub.source)):
            self.notes.append(f"{key}: 둘로 나뉜 셀을 이었습니다.")
            return written
        self.notes.append(f"{key}: 같은 셀이 여럿이라 마지막 것을 채점했습니다.")
        self.added.setdefault(self.before(key), []).extend(written[:-1])
        return written[-1:]

    def before(self, key):
        at = self.keys.index(key)
        return self.keys[at - 1] if at else None

    def take(self, anchor, cell):
        """더한 셀 하나를 꺼내고, 그 앞에 있던 것의 자리를 돌려줍니다."""
        cells = self.added[anchor]
        at = next(i for i, each in enumerate(cells) if each is cell)
        self.added[anchor] = cells[at + 1 :]
        return cells[:at]

    def elsewhere(self, key, wanted):
        """wanted를 정하는 셀을 온 노트북에서 찾습니다. 그보다 앞서 더한 셀은 답의 앞으로 옮깁니다."""
        places = [(anchor, cell) for anchor in (None, *self.keys) for cell in self.added.get(anchor, [])]
        places += self.more.items()
        missing, found = set(wanted), []
        for anchor, cell in reversed(places):
            if here := {name for name in missing if defines(cell.source, name)}:
                missing -= here
                found.insert(0, (anchor, cell))
        for anchor, cell in found:
            if self.more.get(anchor) is cell:
                del self.more[anchor]
            else:
                self.added.setdefault(self.before(key), []).extend(self.take(anchor, cell))
        if found:
            self.notes.append(f"{key}: 답이 다른 셀에 있어 그 셀을 채점했습니다.")
        return [cell for _, cell in found]

    def explained(self, key):
        """비워 둔 설명 칸의 앞뒤에 새 셀로 쓰거나 문제 셀에 이어 쓴 설명."""
        found = []
        for anchor in (self.before(key), key):
            cells = self.added.get(anchor, [])
            words = [cell.cell_type != "code" or not is_code(cell.source) for cell in cells]
            found += [cell for cell, is_word in zip(cells, words) if is_word]
            self.added[anchor] = [cell for cell, is_word in zip(cells, words) if not is_word]
        if not found and self.before(key) in self.more:
            found = [self.more.pop(self.before(key))]
        if found:
            self.notes.append(f"{key}: 답이 다른 셀에 있어 그 셀을 채점했습니다.")
        return found

    def keep_the_rest(self):
        """주어진 셀에 더 적은 것 가운데 답이 아닌 것(필요한 import, 메모)은 그 셀의 아래로 옮깁니다."""
        for key, cell in self.more.items():
            if only_added(self.pieces[key][-1], self.given[key]):
                self.added.setdefault(key, []).insert(0, cell)
                self.notes.append(f"{key}: 더 적은 것은 바로 아래의 셀로 옮겼습니다.")


def is_code(text):
    """설명을 코드 셀에 적은 것이 아닌지: 주석이 아닌 줄이 있고 문법이 맞습니다."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    return bool(lines) and parses(text)
