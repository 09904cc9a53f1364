"""Command lines for curl, run without it: the options that the documents use, and no others."""

import argparse
import re
import shlex
from collections.abc import Mapping
from pathlib import Path
from string import Template
from typing import NoReturn
from urllib.parse import quote
from urllib.request import Request

from tests.api.running import Answer, send

ASSIGNMENT = re.compile(r"(\w+)=(\S+)")


class _Parser(argparse.ArgumentParser):
    def error(self, message: str) -> NoReturn:
        raise ValueError(message)


_PARSER = _Parser("curl", allow_abbrev=False)
_PARSER.add_argument("address")
_PARSER.add_argument("--request")
_PARSER.add_argument("--json")
_PARSER.add_argument("--header", action="append", default=[])
_PARSER.add_argument("--get", action="store_true")
_PARSER.add_argument("--data-urlencode", action="append", default=[])
_PARSER.add_argument("--output", type=Path)
_PARSER.add_argument("--remote-name", action="store_true")
_PARSER.add_argument("--remote-header-name", action="store_true")
_PARSER.add_argument("--write-out", default="")


def run(line: str, variables: Mapping[str, str]) -> tuple[Answer, str]:
    """Do what a line tells; return the answer, and what curl would print."""
    command, *words = shlex.split(line, comments=True)
    assert command == "curl"
    options = _PARSER.parse_args([Template(word).substitute(variables) for word in words])
    answer = send(_request(options))
    saved = options.output or options.remote_name
    written = re.sub(
        r"%header\{([\w-]+)\}|%\{(\w+)\}|(\\n)",
        lambda found: _variable(answer, options, found),
        options.write_out,
    )
    return answer, ("" if saved else answer.text) + written


def _request(options: argparse.Namespace) -> Request:
    # Without --get, data would be a body, which no example sends.
    assert options.get or not options.data_urlencode
    data = [each.partition("=") for each in options.data_urlencode]
    added = "&".join(f"{name}={quote(value, safe='')}" for name, _, value in data)
    address = options.address + (f"?{added}" if added else "")
    headers = {name: value for name, _, value in (each.partition(": ") for each in options.header)}
    # A body makes it a POST: https://curl.se/docs/manpage.html#--json
    method = options.request or ("GET" if options.json is None else "POST")
    body = None if options.json is None else options.json.encode()
    if body is not None:
        headers |= {"Content-Type": "application/json"}
    return Request(address, data=body, method=method, headers=headers)  # noqa: S310 - our own address


def _variable(answer: Answer, options: argparse.Namespace, found: re.Match[str]) -> str:
    header, name, _ = found.groups()
    if header:
        return str(answer.headers[header])
    if name == "http_code":
        return str(answer.status)
    if name == "filename_effective":
        assert options.remote_name
        assert options.remote_header_name
        return str(answer.headers.get_filename())
    assert name is None, name
    return "\n"
