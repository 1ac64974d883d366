"""The compiled modules; all else about the package stands in setup.cfg.

Every .pyx file is one. They are optional: where they cannot be built, the Python modules that they
are twins of do the work. ``pip install -e .`` builds them in place, and so does, where Cython is
installed, ``python setup.py build_ext --inplace``.
"""

from pathlib import Path

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            ".".join(source.with_suffix("").parts),
            [str(source)],
            extra_compile_args=["-O3"],
            optional=True,
        )
        for source in sorted(Path("hj212d").glob("**/_*.pyx"))
    ]
)
