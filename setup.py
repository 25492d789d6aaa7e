"""What pyproject.toml can't say: the resources, which lie beside the package in this tree, lie within it once installed.

So they are found wherever pip puts the package, and nothing of ours lands where a profile may lie
(``~/.local/share/torsend``).
"""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

RESOURCES = Path("resources")


class WithResources(build_py):
    """Copies the modules, then the resources into the package."""

    def run(self) -> None:
        """In an editable install they are found where they are."""
        super().run()
        if not self.editable_mode:
            for source, target in self._resources().items():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(source, target)

    def get_source_files(self) -> list[str]:
        """What a source archive must hold for this to work."""
        return [*super().get_source_files(), *map(str, self._resources())]

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        """What was put into the package."""
        return [*super().get_outputs(include_bytecode), *map(str, self._resources().values())]

    def _resources(self) -> dict[Path, Path]:
        into = Path(self.build_lib, "torsend")
        return {file: into / file for file in sorted(RESOURCES.rglob("*")) if file.is_file()}


setup(cmdclass={"build_py": WithResources})
