"""The one place that builds the parts and hands them to each other. No Qt: window and command line stand on it."""

from torsend.app.parts import App
from torsend.app.start import SecretsPlace, Start
from torsend.app.unlock import PassphraseNeeded

__all__ = ["App", "PassphraseNeeded", "SecretsPlace", "Start"]
