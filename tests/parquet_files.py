"""Parquet files of pictures as data sets on the Hugging Face Hub have them."""

import io

import pytest
from PIL import Image


def write(path, images, labels, column="image"):
    """Writes uint8 images (n, height, width, colours) as PNG, with their labels."""
    arrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    pictures = []
    for number, image in enumerate(images):
        content = io.BytesIO()
        Image.fromarray(image.squeeze()).save(content, "png")
        pictures.append({"bytes": content.getvalue(), "path": f"{number}.png"})
    path.parent.mkdir(parents=True, exist_ok=True)
    parquet.write_table(arrow.table({column: pictures, "label": labels}), path)
