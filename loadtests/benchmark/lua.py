"""The script that ``wrk`` runs: it sends the requests in turn, and looks at every answer.

Holding every number against the stored one would cost the client more than the server works. So the script looks
at status, length and beginning of each answer, and whole answers are checked before and after (``goldens.py``).
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

MOST_PREFIX = 200
RESULT = "BENCHMARK"
"""First word of the lines that are read again."""

TEMPLATE = """-- Written by loadtests/benchmark/lua.py.
local paths = {{{paths}}}
local files = {{{files}}}
local headers = {{{headers}}}
local prefix, shortest, longest = {prefix}, {shortest}, {longest}
local requests, count, turn = {{}}, {count}, 0
local threads = {{}}
refused, wrong, first = 0, 0, ""  -- globals: done() asks the thread for them

function setup(thread)
  table.insert(threads, thread)
end

function init(args)
  local bodies = {{}}
  for i, name in ipairs(files) do
    local file = assert(io.open(name, "rb"))
    bodies[i] = file:read("*a")
    file:close()
  end
  for i = 0, count - 1 do
    requests[i + 1] = wrk.format("POST", paths[i % #paths + 1], headers, bodies[i % #bodies + 1])
  end
end

function request()
  turn = turn % count + 1
  return requests[turn]
end

function response(status, headers, body)
  if status ~= 200 then
    refused = refused + 1
  elseif #body < shortest or #body > longest or string.find(body, prefix, 1, true) ~= 1 then
    wrong = wrong + 1
    if wrong == 1 then
      first = string.gsub(string.sub(body, 1, 200), "[^ -~]", ".")
    end
  end
end

function done(summary, latency)
  local e, t = summary.errors, threads[1]
  local lost = e.connect + e.read + e.write + e.timeout
  io.write(string.format("{result} requests %d\\n", summary.requests))
  io.write(string.format("{result} duration_us %d\\n", summary.duration))
  io.write(string.format("{result} refused %d\\n", t:get("refused")))
  io.write(string.format("{result} lost %d\\n", lost))
  io.write(string.format("{result} wrong %d\\n", t:get("wrong")))
  for _, p in ipairs({{50, 95, 99}}) do
    io.write(string.format("{result} p%d_us %d\\n", p, latency:percentile(p)))
  end
  io.write("{result} first_wrong " .. t:get("first") .. "\\n")
end
"""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What every answer to requests of one size must look like.

    Attributes:
        prefix: Its beginning.
        shortest: Its least length in bytes.
        longest: Its greatest.
    """

    prefix: bytes
    shortest: int
    longest: int


def expectation(answers: Sequence[bytes]) -> Expectation:
    """From answers that were checked.

    Their common beginning, up to the first number: its last digits may differ from batch to batch. Numbers may be
    written shorter or longer, so lengths may be half or twice those seen.
    """
    least, greatest = min(answers)[:MOST_PREFIX], max(answers)[:MOST_PREFIX]
    pairs = enumerate(zip(least, greatest, strict=False))
    common = least[: next((place for place, (one, other) in pairs if one != other), len(least))]
    prefix = re.sub(rb"[-+0-9.eE ]*\Z", b"", common)
    lengths = [len(answer) for answer in answers]
    return Expectation(prefix, min(lengths) // 2, 2 * max(lengths))


def script(paths: Sequence[str], files: Sequence[Path], headers: Mapping[str, str], expected: Expectation) -> str:
    """The text of the script.

    Args:
        paths: Of the URL, one a model; requests go to each in turn.
        files: Bodies; they are sent in turn as well.
        headers: Of every request.
        expected: Of every answer.
    """
    return TEMPLATE.format(
        paths=", ".join(quote(path.encode()) for path in paths),
        files=", ".join(quote(os.fsencode(file)) for file in files),
        headers=", ".join(f"[{quote(k.encode())}] = {quote(v.encode())}" for k, v in headers.items()),
        prefix=quote(expected.prefix),
        shortest=expected.shortest,
        longest=expected.longest,
        count=math.lcm(len(paths), len(files)),
        result=RESULT,
    )


def quote(text: bytes) -> str:
    """Bytes as a literal of Lua."""
    plain = (chr(byte) if 32 <= byte < 127 and byte not in b'"\\' else f"\\{byte:03d}" for byte in text)
    return f'"{"".join(plain)}"'
