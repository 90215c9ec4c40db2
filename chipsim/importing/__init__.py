"""Networks of other tools as workloads: read, mapped layer by layer, and written, or refused by name."""

from chipsim.importing.onnx_file import Imported, import_onnx

__all__ = ["Imported", "import_onnx"]
