# SPDX-License-Identifier: Apache-2.0
"""Every text that --help and the manual pages show: of commands with their examples, of options, of the environment."""

from typing import Any

from d360webhook.cli.text import OPTION_NOTE

REAL_SERVICE = "https://waba-v2.360dialog.io"
WAIT_SECONDS = 30
_APPEND = "d360-webhook multi append crm=https://hooks.example.com/crm audit=https://audit.example.com/"
_SIGN = "d360-webhook signature sign --secret-file platform.secret < event.json"

# A command's words, what it does, examples.
COMMANDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "": (
        """Read, set and check where 360dialog sends the events of WhatsApp numbers.

        An event goes to the phone number's own webhook (customer). If it has none, the event goes to the webhook of its
        WhatsApp Business Account (waba). If there is none either, the event is lost. Destinations (multi) get a copy.

        The options below can be given before or after any command. Secrets are never arguments.""",
        (
            "export D360_API_KEY=…\nd360-webhook customer set https://hooks.example.com/main",
            "d360-webhook --service sqlite:webhooks.db --json multi get",
        ),
    ),
    "customer": (
        """Read or set a phone number's own webhook.

        If a number has its own webhook, its events go there and not to the webhook of its WABA.""",
        ("d360-webhook customer get",),
    ),
    "customer get": (
        """Show the number's own webhook.

        The documented service does not return its headers.""",
        ("d360-webhook --api-key-file berlin.key customer get", "d360-webhook --fleet fleet.yaml --account berlin customer get"),
    ),
    "customer set": (
        """Set the number's own webhook to URL.

        This replaces its headers too: without --header it has none afterwards.""",
        ("d360-webhook customer set https://hooks.example.com/main --header Authorization=@token",),
    ),
    "multi": (
        """Read or change the destinations that get copies.

        A destination gets a copy of each event after the number's main webhook accepted it.""",
        (_APPEND,),
    ),
    "multi get": ("Show the destinations, and whether multi-webhook is on.", ("d360-webhook --json multi get",)),
    "multi enable": (
        """Turn multi-webhook on, and append destinations if some are given.

        DEST is NAME=URL; --from takes destinations with headers.""",
        ("d360-webhook multi enable crm=https://hooks.example.com/crm",),
    ),
    "multi disable": (
        """Turn multi-webhook off.

        The destinations are kept, but they get nothing.""",
        ("d360-webhook multi disable",),
    ),
    "multi append": (
        """Append destinations: all of them, or none if one is rejected.

        DEST is NAME=URL; --from takes destinations with headers.""",
        (_APPEND, "d360-webhook multi append --from destinations.yaml"),
    ),
    "multi update": (
        """Change a destination's URL or headers.

        The headers given here replace all headers of the destination.""",
        ("d360-webhook multi update crm --url https://new.example.com/crm",),
    ),
    "multi delete": ("Delete a destination.", ("d360-webhook multi delete crm",)),
    "waba": (
        """Read or set the webhook of a WhatsApp Business Account (WABA).

        It gets the events of all numbers of the WABA that have no webhook of their own.""",
        ("d360-webhook waba get",),
    ),
    "waba get": ("Show the webhook and the numbers of the WABA.", ("d360-webhook waba get",)),
    "waba set": (
        """Set the webhook of the WABA to URL.

        This replaces its headers too: without --header it has none afterwards.""",
        (
            "d360-webhook waba set https://hooks.example.com/waba --wait",
            "d360-webhook waba set https://hooks.example.com/waba --override-all --yes",
        ),
    ),
    "channel": (
        """Manage the phone numbers of an embedded service.

        Only sqlite:PATH supports this; the real service manages its own numbers.""",
        ("d360-webhook --service sqlite:webhooks.db channel list",),
    ),
    "channel add": (
        """Add a number, or change what is given of a known one.

        The API key from --api-key-file or D360_API_KEY belongs to it from then on.""",
        (
            "d360-webhook --service sqlite:webhooks.db --api-key-file berlin.key channel add \\\n"
            "--phone-number-id 106540352242922 --waba-id 123065260884961 --phone-number +4930123456",
        ),
    ),
    "channel list": ("List the numbers, without their keys.", ("d360-webhook --service sqlite:webhooks.db channel list",)),
    "channel remove": (
        "Remove a number and its configuration.",
        ("d360-webhook --service sqlite:webhooks.db channel remove 106540352242922",),
    ),
    "fleet": (
        """Check and configure many numbers with one document.

        FILE is YAML or JSON and describes how every number should be configured. ${NAME} in it is replaced from the
        environment or from --secrets FILE. Numbers that lose events are shown first. Findings are grouped, each with a
        command that fixes or shows it.""",
        ("d360-webhook fleet audit fleet.yaml", "d360-webhook fleet apply fleet.yaml"),
    ),
    "fleet plan": (
        """Show what apply would change.

        Nothing is written to the service. The exit status is 2 if there is something to do.""",
        ("d360-webhook fleet plan fleet.yaml --out fleet.plan",),
    ),
    "fleet apply": (
        """Change every number to match the document.

        At a terminal it shows what will happen and asks. A number that changed between question and answer is skipped.""",
        ("d360-webhook fleet apply fleet.yaml", "d360-webhook fleet apply fleet.yaml --plan fleet.plan --yes"),
    ),
    "fleet audit": (
        """Report lost events and differences from the document.

        Nothing is written to the service. The exit status is 2 if there are findings.""",
        (
            "d360-webhook fleet audit fleet.yaml --html fleet.html",
            "d360-webhook --json fleet audit fleet.yaml --fail-on warning",
        ),
    ),
    "fleet export": (
        """Write a document that describes the current configuration.

        KEYS.csv has the columns name and api_key, as a spreadsheet writes them. API keys and header values go to the file of
        --secrets-out, with mode 0600; the document has ${NAME} instead. Without --out the document is printed, without its
        secrets. With --json and without --out the whole export is printed, with its secrets.""",
        ("d360-webhook fleet export keys.csv --out fleet.yaml --secrets-out fleet.secrets",),
    ),
    "fleet check": (
        """Check a document without a service.

        Without --secrets, a ${NAME} that the environment does not have is not checked. The exit status is 65 if the document
        is wrong.""",
        ("d360-webhook fleet check fleet.yaml",),
    ),
    "fleet schema": (
        """Print the JSON Schema of fleet documents, or of reports.

        Editors complete and check documents with it.""",
        ("d360-webhook fleet schema > fleet.schema.json", "d360-webhook fleet schema --report"),
    ),
    "service": (
        """Find out how a service answers.""",
        ("d360-webhook service check",),
    ),
    "service check": (
        """Show, fact by fact, how a service answers for one number.

        It reads the three settings of the number and prints no URL, name, header or key. With --writes it also tries the six
        writes, and restores what was there even if it is interrupted. A write that could not be undone is not tried.""",
        ("d360-webhook service check", "d360-webhook --json service check --writes --yes"),
    ),
    "validate": (
        """Check a webhook against the service's rules.

        Nothing is sent. The exit status is 2 if the webhook breaks a rule.""",
        (
            "d360-webhook validate https://your_webhook.example.com:3000/",
            "d360-webhook --url-policy local validate http://127.0.0.1/",
        ),
    ),
    "signature": (
        """Make and check the signatures of events.

        The service sends them in the header x-360dialog-signature: HMAC-SHA256 of the body with the platform secret.""",
        (_SIGN,),
    ),
    "signature sign": (
        """Print the signature of an event's body.

        The body is read from standard input.""",
        (_SIGN,),
    ),
    "signature verify": (
        """Check the signature of an event's body.

        The body is read from standard input. The exit status is 1 if the signature does not match.""",
        (
            "d360-webhook signature verify --secret-file platform.secret \\\n"
            "--signature 6e9ef29b75fffc5b7abae527d58fdadb2fe42e7219011976917343065f58ed4a < event.json",
        ),
    ),
    "serve": (
        """Serve the operations over HTTP with d360-webhookd.

        All arguments are the daemon's. The program is the one that D360_WEBHOOKD names, else that of
        d360webhook[daemon], else the one in PATH. --service and --url-policy before the command are passed on.""",
        ("d360-webhook serve --service sqlite:webhooks.db --listen 127.0.0.1:8360", "d360-webhook serve -- --help"),
    ),
    "completion": (
        "Print the completion script of a shell.",
        (
            "d360-webhook completion bash > ~/.local/share/bash-completion/completions/d360-webhook",
            "d360-webhook completion zsh > ~/.zfunc/_d360-webhook",
            "d360-webhook completion fish > ~/.config/fish/completions/d360-webhook.fish",
        ),
    ),
}

_FROM = 'Read destinations with headers from this file, as JSON or YAML: [{"name", "url", "headers"}]. - is standard input.'
_YES = "Do not ask. Required if there is no terminal."

# By the option, or by the command's words and the option.
OPTIONS: dict[str, str] = {
    "--service": f"The service: https://…, or an embedded one, sqlite:PATH. Default: D360_SERVICE, else {REAL_SERVICE}.",
    "--api-key-file": "The file with the phone number's API key. Default: the key in D360_API_KEY.",
    "--fleet": "Use the API key of one account in this fleet document; --account names it.",
    "--account": "The name of the account in the document of --fleet.",
    "--secrets": "A YAML, JSON or .env file with the values of ${NAME} in documents. It counts before the environment.",
    "--timeout": "The time limit of one operation, retries included. Default: 30.",
    "--url-policy": "The rules for webhook URLs: those of the real service (cloud, the default), also http and IP addresses "
    "(local), or none.",
    "--ca-file": "The CA certificates to trust, as PEM. Default: SSL_CERT_FILE, else those of the system.",
    "--proxy": f"The proxy to use, as in curl. Default: the environment's. If it has a password, {OPTION_NOTE}",
    "--insecure-http": "Allow plain HTTP to other machines. API keys and secrets are then readable on the network.",
    "--json": "Print the library's JSON, for errors too.",
    "--verbose": "Log to standard error; repeat for more detail (-vv, -vvv).",
    "--version": "Print the versions of the program and of the library.",
    "--header": "A header to send with each event. NAME=@FILE takes its value from a file, NAME=env:VARIABLE from the "
    f"environment. NAME=VALUE is possible, but {OPTION_NOTE} Repeatable.",
    "--from": _FROM,
    "multi update --url": "The new URL.",
    "--no-headers": "Remove all headers of the destination.",
    "--override-all": "Also remove every number's own webhook in this WABA. Asks for confirmation.",
    "--yes": _YES,
    "waba set --wait": f"Wait until the change is applied, for {WAIT_SECONDS} seconds or as many as given. The service takes 15 "
    "to 20 seconds.",
    "--phone-number-id": "The identifier of the number.",
    "--waba-id": "The WhatsApp Business Account of the number.",
    "--phone-number": "The number, as people write it.",
    "--only": "Process only this account. Repeatable.",
    "--concurrency": "The number of accounts processed at once. Default: 16.",
    "--rate": "The highest number of requests per second. Default: no limit.",
    "--all": "List every account and finding instead of groups.",
    "--allow-unlisted": "Allow override_all to remove webhooks of numbers that are not in the document.",
    "--force": "Send this section (customer_webhook, waba_webhook, multi_webhook) even if what can be read matches. Repeatable.",
    "fleet apply --wait": f"How long a change may take to show: {WAIT_SECONDS} seconds, or as many as given.",
    "--max-failures": "Stop starting new accounts after N failures.",
    "--max-changes": "Change nothing if more than N accounts would change.",
    "--probe": "Send {} to each URL of the document once, and expect status 200.",
    "--probe-secret-file": "The file with the platform secret that signs the probe.",
    "fleet plan --out": "Write the plan to this file, for apply --plan.",
    "fleet apply --plan": "Apply this plan, written by fleet plan --out. Accounts that changed since then are skipped.",
    "--html": "Write the report as a page for browsers. The page is one file and loads nothing.",
    "--fail-on": "The lowest severity that sets exit status 2.",
    "fleet export --out": "Write the document to this file: as JSON if its name ends in .json, else as YAML.",
    "--secrets-out": "Write API keys and header values to this file, with mode 0600.",
    "fleet export --force": "Replace the files of --out and --secrets-out if they exist.",
    "--report": "Print the schema of reports instead.",
    "--writes": "Also try the six writes, and restore what was there. Asks for confirmation.",
    "service check --header": "A header of the number's own webhook, to restore it if the service does not show headers. "
    "Repeatable, in the forms of customer set.",
    "service check --no-headers": "The number's own webhook has no headers.",
    "--secret-file": "The file with the platform secret as its only line.",
    "--signature": "The received header value. A leading sha256= is accepted.",
}

ENVIRONMENT = {
    "D360_API_KEY": "The API key of the phone number, if no option gives one.",
    "D360_SERVICE": f"The service, if --service is not given. Default: {REAL_SERVICE}.",
    "D360_WEBHOOKD": "The path of d360-webhookd, for serve.",
    "SSL_CERT_FILE": "The CA certificates to trust, if --ca-file is not given.",
    "https_proxy, no_proxy": "The proxy, and the hosts that need none, as in curl, if --proxy is not given.",
    "PAGER": "The program that shows long output at a terminal. Default: less. Empty: none.",
    "NO_COLOR": "If set and not empty, there are no colours.",
}


def about(words: str) -> dict[str, Any]:
    """The help and the examples of a command."""
    text, examples = COMMANDS[words]
    return {"help": text, "examples": examples}
