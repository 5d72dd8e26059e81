"""작은 그림을 나란히 그립니다. `charts`와 `explorers`가 함께 씁니다."""


def draw_images(figure, images, columns, limit=None):
    """(n, 높이, 너비) 배열을 한 줄에 columns개씩 그립니다.

    limit가 없으면 0은 흰색, 1은 검은색입니다. 있으면 −limit는 주황, 0은 흰색, limit는 보라입니다.
    """
    axes = figure.subplots(-(-len(images) // columns), columns, squeeze=False)
    low, high, colors = (0, 1, "gray_r") if limit is None else (-limit, limit, "PuOr")
    for axis in axes.flat:
        axis.axis("off")
    for axis, image in zip(axes.flat, images):
        axis.imshow(image, vmin=low, vmax=high, cmap=colors, interpolation="nearest")
    return axes
