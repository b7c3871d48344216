from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Says which seeds were run, whether they passed or not."""
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if name == "seeds":
                    terminalreporter.write_line(f"{report.nodeid.partition('::')[2]}: seeds {value}")
