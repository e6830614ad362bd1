"""Look into PDFs: their text as a reader would copy it, and their pages as pictures."""

from PIL import Image
from pypdfium2 import PdfDocument


def pdf_pages(source: bytes, scale: float = 1.5) -> list[Image.Image]:
    """Render every page; `scale` 1 is 72 dots per inch."""
    document = PdfDocument(source)
    try:
        return [page.render(scale=scale).to_pil() for page in document]
    finally:
        document.close()


def pdf_text(source: bytes) -> str:
    """Extract all text, page after page, as copying it from a viewer would."""
    document = PdfDocument(source)
    try:
        return "\n".join(page.get_textpage().get_text_bounded() for page in document)
    finally:
        document.close()


def is_blank(page: Image.Image) -> bool:
    """Tell whether a rendered page shows nothing at all."""
    lowest, highest = page.convert("L").getextrema()
    return bool(lowest == highest)
