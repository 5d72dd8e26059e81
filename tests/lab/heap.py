"""워커가 쓰는 메모리를 Chromium의 개발자 도구 규약으로 잽니다."""

import json

from tests.browsing import Visit


class WorkerHeap:
    """페이지의 워커 하나. 부를 때마다 쓰레기를 모으고 쓰는 바이트(힙과 배열의 속)를 잽니다."""

    def __init__(self, visit: Visit) -> None:
        self.tab, self.answers, found = visit.tab, {}, []
        self.session = visit.context.new_cdp_session(visit.tab)
        self.session.on("Target.attachedToTarget", lambda event: found.append(event["sessionId"]))
        self.session.on("Target.receivedMessageFromTarget", self._receive)
        self.session.send("Target.setAutoAttach", {"autoAttach": True, "waitForDebuggerOnStart": False})
        self._wait(lambda: found)
        [self.worker] = found

    def used(self) -> int:
        # 한 번에 다 모으지 못하는 것이 있습니다.
        for _ in range(2):
            self._ask("HeapProfiler.collectGarbage")
        usage = self._ask("Runtime.getHeapUsage")
        return usage["usedSize"] + usage["backingStorageSize"]

    def _ask(self, method: str) -> dict:
        number = len(self.answers) + 1
        message = json.dumps({"id": number, "method": method})
        self.session.send("Target.sendMessageToTarget", {"sessionId": self.worker, "message": message})
        self._wait(lambda: number in self.answers)
        return self.answers[number]

    def _receive(self, event: dict) -> None:
        message = json.loads(event["message"])
        if "id" in message:
            self.answers[message["id"]] = message["result"]

    def _wait(self, ready) -> None:
        for _ in range(600):
            if ready():
                return
            self.tab.wait_for_timeout(50)
        raise TimeoutError("워커가 답하지 않습니다.")
