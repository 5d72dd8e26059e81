"""IRI의 문법을 읽지 않게 하는 빈 모듈.

nbformat이 쓰는 jsonschema는 진짜가 있으면 문법 38개를 짓느라 프로세스마다 2초를 씁니다. 노트북의 schema에는 IRI가 없습니다.
"""
