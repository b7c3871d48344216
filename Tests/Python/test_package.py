# SPDX-License-Identifier: Apache-2.0
"""The package as it is installed and typed."""

import doctest

import d360webhook
from Python.loopback import Answer, Peer
from Python.source import Run, example_of_the_readme


def test_the_first_program_of_the_documentation_works() -> None:
    assert doctest.testmod(d360webhook) == doctest.TestResults(failed=0, attempted=2)


def test_the_embedded_example_of_the_readme_works(run: Run) -> None:
    assert run(example_of_the_readme("sqlite::memory:")).communicate(timeout=60) == ("https://hooks.example.com/main\n", "")


def test_the_remote_example_of_the_readme_works_on_a_service_that_has_the_name_already(peer: Peer, run: Run) -> None:
    peer.answers = [Answer(409, {"error": "taken", "status": "D360_CONFLICT", "path": "/destinations/0/name"})]
    program = "api_key = 'key'\n" + example_of_the_readme("except Conflict").replace("https://waba-v2.360dialog.io", peer.url)
    assert run(program).communicate(timeout=60) == ("/destinations/0/name not_applied\n", "")


def test_the_asynchronous_example_of_the_readme_works(peer: Peer, run: Run) -> None:
    peer.answers = [Answer(200, {"url": "https://hooks.example.com/main"})]
    program = example_of_the_readme("AsyncClient(").replace("https://waba-v2.360dialog.io", peer.url)
    assert run("api_keys = ['berlin', 'munich']\n" + program).communicate(timeout=60) == (
        "https://hooks.example.com/main\n" * 2,
        "",
    )
    assert {request.key for request in peer.requests} == {"berlin", "munich"}


def test_asyncio_is_not_imported_before_it_is_needed(run: Run) -> None:
    program = "import sys, d360webhook; print('asyncio' in sys.modules); d360webhook.AsyncClient; print('asyncio' in sys.modules)"
    assert run(program).communicate(timeout=60) == ("False\nTrue\n", "")


def test_everything_public_is_listed_and_nothing_else() -> None:
    for name in d360webhook.__all__:
        getattr(d360webhook, name)  # some are imported when they are asked for
    public = {name for name, value in vars(d360webhook).items() if not name.startswith("_") and not hasattr(value, "__path__")}
    modules = {name for name in public if type(vars(d360webhook)[name]).__name__ == "module"}
    assert public - modules == set(d360webhook.__all__)
