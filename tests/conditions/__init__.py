"""어려운 조건에서 오래 도는 시험: `make test`는 건너뛰고, `make test-conditions`가 이 폴더를 불러 돌립니다."""
