// 엔진을 워커에서 돌립니다: 명령을 받아 조금씩 나누어 학습시키고, 물을 때마다 지금의 모습을 보냅니다.

import { Training } from "./engine.js";
