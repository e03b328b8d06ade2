"""Running a module's unittest cases."""

__all__ = ["main"]


def main(module=None, output="target/test-reports"):
    """Runs the unittest cases of a module, the script's by default, with reports where xmlrunner is installed."""
    import unittest

    runner = None
    try:
        import xmlrunner

        runner = xmlrunner.XMLTestRunner(output=output, verbosity=2)
    except ImportError:
        pass
    unittest.main(module="__main__" if module is None else module, testRunner=runner, verbosity=2)
