"""많은 일을 나누어 하는 엔진. 실험(`experiments`)과 채점(`classroom`)이 함께 씁니다."""
