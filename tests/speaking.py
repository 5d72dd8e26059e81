"""이 Python이 띄운 프로그램이 말하는 글자 표.

C 로캘의 Python은 스스로 UTF-8로 넘어가 UTF-8로 말합니다. encoding="locale"은 그것을 따르지 않아 ASCII로 읽습니다.
"""

import locale

SPOKEN = locale.getpreferredencoding(False)
