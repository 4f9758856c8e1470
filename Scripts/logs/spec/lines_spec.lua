local nightjar = require "nightjar"
local entries = require "entries"
local lines = require "lines"
local sequence = require "sequence"

local T = {}

function T.lines_of_the_server_are_entries_without_a_room()
  local made = lines.entry {
    time = 1763000000000, level = "info", message = "listening",
    text = "12:00:00:000 [INFO] listening port=1", fields = { port = "1" },
  }
  local wanted = '{"timestamp":1763000000000,"msg":"listening port=1","level":"INFO",'
    .. '"text":"12:00:00:000 [INFO] listening port=1","user":"server","room":"",'
    .. '"serverTime":1763000000000,"seqNumber":3}'
  assert(made.room == "" and entries.numbered(made, 3) == wanted)
end

function T.lines_of_scripts_say_which_and_nothing_breaks_out()
  local line = {
    time = 5, level = "warn", message = '"}%s\n\1', unit = "sync", generation = 4, fields = {},
    text = '00:00:00:005 [WARN] "}%s\n\1 unit=sync generation=4',
  }
  local made = nightjar.json.decode(entries.numbered(lines.entry(line), 3))
  assert(made.msg == '"}%s\n    \1 unit=sync generation=4' and made.level == "WARN")
  assert(made.unit == "sync" and made.generation == 4 and made.seqNumber == 3)
end

function T.whose_and_where_stays_in_the_servers_log()
  local made = nightjar.json.decode(entries.numbered(lines.entry {
    time = 5, level = "error", message = "boom\nstack traceback:\n\tsecret.lua:1", generation = 2,
    unit = "casino", text = "00:00:00:005 [ERROR] boom uid=7 user=ann traceback=main.lua:3 at=a:1",
    fields = { user = "ann", uid = "7", traceback = "main.lua:3", at = "a:1" },
  }, 3))
  assert(made.msg == "boom unit=casino generation=2 at=a:1", made.msg)
  assert(made.text == "00:00:00:005 [ERROR] boom unit=casino generation=2 at=a:1", made.text)
end

function T.numbers_follow_the_clock_and_never_repeat()
  local first, last = sequence.take(0, 1763000000000, 3)
  assert(first == 1763000000000000 and last == first + 2)
  assert(sequence.take(last, 1763000000000, 1) == last + 1, "the same millisecond")
  assert(sequence.take(last, 1762999999999, 1) == last + 1, "a clock that was put back")
  assert(sequence.take(last, 1763000000001, 1) == 1763000000001000)
  assert(4102444800000 * 1000 < 2 ^ 53, "exact in JavaScript beyond the year 2100")
end

return T
