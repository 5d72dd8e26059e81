"""진단을 시험하는 병원: 프로그램으로 만든 모델 40개와, 거기에 심는 탈 15가지.

- `blueprint`: 모델의 설계도. 부품마다 wi_lib의 모양인 행렬을 듭니다.
- `specs`, `specs_deep`: 번호마다의 건강한 설계도.
- `faults`, `faults_weights`, `faults_data`: 설계도를 아프게 만드는 함수.
- `networks`, `torch_models`, `keras_models`, `flax_models`: 설계도를 그 프레임워크의 모델로 짓습니다.
- `examining`: 지은 모델을 `wi_lib.diagnose`에 넘기고, 심은 자리와 견줍니다.

같은 설계도에서는 어느 프레임워크에서나 가중치까지 같은 모델이 나옵니다.
"""
