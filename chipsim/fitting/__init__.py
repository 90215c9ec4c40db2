"""From a measured pulse response to a device: read, fitted law by law, and written as a device file."""

from chipsim.fitting.fitted import LAW_NAMES, Fitted, LawFit, fit_device

__all__ = ["LAW_NAMES", "Fitted", "LawFit", "fit_device"]
