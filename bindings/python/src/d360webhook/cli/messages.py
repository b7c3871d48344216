# SPDX-License-Identifier: Apache-2.0
"""Every sentence that the command line itself writes: errors, questions, notes. Help texts are in help.py.

What the library says is passed on. Words of tables (headings, states, facts) are where the table is made.
"""

from collections.abc import Sequence

from d360webhook.cli.text import counted, listed

# At the start and the end of the program


def extra_missing(module: str | None) -> str:
    return f"{module} is missing; install the extra: pip install 'd360webhook[cli]'"


INTERRUPTED = "interrupted"
OUTCOME_UNKNOWN = "; whether it was applied is unknown"
WAS_APPLIED = "; it was applied"
DONE = "Done"


def see_help(message: str, command: str) -> str:
    return f"{message.rstrip('.')}; see {command} --help"


def did_you_mean(near: Sequence[str]) -> str:
    return f"; did you mean {near[0]}?" if near else ""


def no_such_command(name: str, near: Sequence[str]) -> str:
    return f"No such command {name!r}{did_you_mean(near)}"


def no_completion(shell: str) -> str:
    return f"click knows no completion for {shell}"


def output_failed(place: str | None, reason: object) -> str:
    return f"{place or 'cannot write'}: {reason}"


# Questions

GO_ON = "Go on? [y/N]: "
NOTHING_CHANGED = "Nothing was changed."


def no_terminal(command: str) -> str:
    return f"{command} asks before it changes anything, and there is no terminal; add --yes"


def webhooks_removed(waba_id: object) -> str:
    return f"Every number of WABA {waba_id} loses its own webhook:"


def events_will_go_to(url: str) -> str:
    return f"All their events will go to {url}."


# Options and arguments


def no_api_key(variable: str) -> str:
    return f"no API key: give it with --api-key-file, with --fleet and --account, or in {variable}"


FLEET_NEEDS_ACCOUNT = "--fleet FILE and --account NAME belong together"
TWO_API_KEYS = "--api-key-file and --account exclude each other: both give the API key"
OUTPUTS_BELONG_TOGETHER = "--out and --secrets-out belong together: one is the document, the other what it leaves out"
HEADERS_AND_NO_HEADERS = "--header and --no-headers exclude each other"
NOTHING_TO_CHANGE = "nothing to change: give --url, --header or --no-headers"
NO_DESTINATION_GIVEN = "name a destination as NAME=URL, or a file of them with --from"
NOT_A_DESTINATION = "a destination is NAME=URL; --from FILE takes destinations with headers"
# Without the text itself: it may be a secret that was typed in the wrong place.
NOT_A_HEADER = "a header is NAME=@FILE, NAME=env:VARIABLE or NAME=VALUE"


def header_twice(name: str) -> str:
    return f"the header {name} is given twice"


def header_variable_missing(name: str, variable: str) -> str:
    return f"the header {name}: the environment has no {variable or 'variable without a name'}"


def no_such_account(file: str, name: str, near: Sequence[str]) -> str:
    return f"{file} has no account {name!r}{did_you_mean(near)}"


def daemon_not_found(program: str, variable: str) -> str:
    return f"{program} is not in PATH; install d360webhook[daemon] or the program, or set {variable} to its path"


def daemon_failed(program: str, reason: str | None) -> str:
    return f"cannot run {program}: {reason}"


# Files

STANDARD_INPUT = "standard input"


def cannot_read(file: str, reason: object) -> str:
    return f"cannot read {file}: {reason}"


def cannot_write(file: str, reason: object) -> str:
    return f"cannot write {file}: {reason}"


def too_large(file: str, limit: int) -> str:
    return f"{file} must have at most {limit // (1024 * 1024)} MiB"


def too_large_with_aliases(file: str, limit: int) -> str:
    return f"{too_large(file, limit)} with its aliases spelled out"


def not_utf8(byte: int) -> str:
    return f"not UTF-8 at byte {byte}; save it as UTF-8"


def secret_not_utf8(file: str) -> str:
    return f"{file} is not UTF-8"


def secret_empty(file: str) -> str:
    return f"{file} is empty"


def secret_of_several_lines(file: str) -> str:
    return f"{file} has more than one line of text"


def output_is_used(option: str, file: str, other: str) -> str:
    return f"{option} {file} would replace {other}, which this command uses; choose another name"


def output_exists(option: str, file: str, advice: str) -> str:
    return f"{option}: {file} exists; {advice}"


NOT_A_PLAN = "it is not a plan; choose another name or remove it"
NOT_A_PAGE = "it is not a page; choose another name or remove it"
ADD_FORCE = "add --force to replace it"


# Documents. The place, file and line, is put before them.

NOT_AN_OBJECT = "the file is not an object of names and values"
NO_DESTINATIONS_IN_FILE = 'the file has neither a list of destinations nor an object with the member "destinations"'
ACCOUNTS_NOT_AN_ARRAY = "accounts must be an array"
KEY_NOT_A_STRING = "api_key must be a string"
QUOTE_IT = ": quote it"
NESTED_TOO_DEEPLY = "nested too deeply"
BRACE_WITHOUT_NAME = "${ must be followed by a name and }; write $${ for a literal ${"


def of_account(name: str, message: str) -> str:
    return f"account {name}: {message}"


def value_not_a_string(name: str) -> str:
    return f"the value of {name} must be a string"


def member_twice(name: str) -> str:
    return f"the member {name!r} occurs twice in one object"


def key_twice(name: str) -> str:
    return f"the key {name!r} occurs twice in one mapping"


def not_a_number(text: str) -> str:
    return f"{text} is not a JSON number"


def not_json(message: str, column: int) -> str:
    return f"{message}, column {column}"


def nested_deeper_than(levels: int) -> str:
    return f"nested more than {levels} levels deep"


def not_for_json(value: object) -> str:
    return f"JSON cannot represent a {type(value).__name__}; quote it"


def member_name_not_a_string(name: object) -> str:
    return f"the member name {name!r} is not a string; quote it"


def not_set(name: str, place: str) -> str:
    """`place`: where it was looked for, or nothing."""
    return f"${{{name}}} is not set {place}".rstrip()


IN_ENVIRONMENT = "in the environment"


def in_environment_or(file: str) -> str:
    return f"{IN_ENVIRONMENT} or in {file}"


NOT_NAME_VALUE = "not NAME=value"
QUOTE_NOT_CLOSED = "the quote is not closed, or text follows it"


def name_twice(name: str) -> str:
    return f"{name} is given twice"


def column_missing(column: str) -> str:
    return f"the column {column} is missing; the first line must name the columns name and api_key"


def cell_empty(column: str) -> str:
    return f"{column} is empty"


# Results

NO_CHANNELS = "No channels."
NO_OWN_WEBHOOK = "The number has no webhook of its own. Its events go to the webhook of its WABA."
NO_WABA_WEBHOOK = "none: events of numbers without their own webhook are lost"
MULTI_IS_ON = "Multi-webhook is on."
MULTI_IS_OFF = "Multi-webhook is off."
NO_DESTINATIONS = "No destinations."
SIGNATURE_MATCHES = "The signature matches."
WEBHOOK_IS_VALID = "The webhook is valid."
ALL_LISTS_EVERYTHING = "--all lists every account and finding."


def document_is_valid(file: str, accounts: int) -> str:
    return f"{file} is valid: {counted(accounts, 'account')}."


def not_checked(names: Sequence[str]) -> str:
    return f"Not checked, because they are not set: {listed(names, 10)}."


# service check

OWN_WEBHOOK_WOULD_STAY = "the number has no own webhook, and one that was set cannot be removed"
WABA_WEBHOOK_WOULD_STAY = "the WABA has no webhook, and one that was set cannot be removed"
GIVE_HEADERS = "its headers are not shown: give them with --header, or --no-headers"
WABA_HEADERS_NOT_SHOWN = "its headers are not shown, so they could not be restored"
MULTI_NOT_READ = "multi-webhook cannot be read"
NOTHING_APPENDED = "nothing was appended"


def would_send_events(destinations: int) -> str:
    return f"turning multi-webhook on would send events to {counted(destinations, 'dormant destination')}"


def not_tried(reason: str) -> str:
    return f"not tried: {reason}"


SETS_OWN_WEBHOOK_AS_IT_IS = "set the number's own webhook to what it is"
TURNS_MULTI_ON = "turn multi-webhook on, and off again if it is off"
CHANGES_ITS_URL = "change its URL"
DELETES_IT = "delete it"
SETS_WABA_WEBHOOK_AS_IT_IS = "set the WABA's webhook to what it is"


def appends(name: str) -> str:
    return f"append the destination {name}, which receives nothing"


DESTINATION_STAYS = "the check's destination is still there"
MULTI_STAYS_ON = "multi-webhook is still on"
SETTINGS_NOT_READ = "the settings cannot be read"
OWN_WEBHOOK = "the number's own webhook"
DESTINATIONS = "the destinations"
MULTI_STATE = "multi-webhook's state"
WABA_WEBHOOK = "the WABA's webhook"


def is_not_what_it_was(setting: str) -> str:
    return f"{setting} is not what it was"


def not_restored(problem: str) -> str:
    return f"not restored: {problem}"
