local nightjar = require "nightjar"
local entries = require "entries"

local T = {}

-- The single entry of a body, numbered 7.
local function sent(body)
  local list = assert(entries.read(body, 1000))
  assert(#list == 1)
  return entries.numbered(list[1], 7), list[1].room
end

local function same(made, wanted) assert(made == wanted, made) end

function T.an_entry_goes_on_as_it_came()
  local text, room = sent('{"msg":"hi", "room":"r1","x":1.50,"y":[{"room":"no"}]}')
  same(text, '{"msg":"hi", "room":"r1","x":1.50,"y":[{"room":"no"}],"serverTime":1000,"seqNumber":7}')
  same(room, "r1")
end

function T.numbers_of_any_size_stay_exact()
  local number = "123456789012345678901234567890.12345678901234567890e-3"
  same(sent('{"room":"","n":' .. number .. "}"),
    '{"room":"","n":' .. number .. ',"serverTime":1000,"seqNumber":7}')
end

function T.a_missing_room_is_empty()
  same(sent('{"msg":"a"}'), '{"msg":"a","room":"","serverTime":1000,"seqNumber":7}')
  same(sent(" { } "), '{ "room":"","serverTime":1000,"seqNumber":7}')
  same(sent('{"room":null,"msg":"a"}'), '{"msg":"a","room":"","serverTime":1000,"seqNumber":7}')
  same(sent('{"room":[5,{"room":"x"}]}'), '{"room":"","serverTime":1000,"seqNumber":7}')
end

function T.members_of_the_server_are_replaced()
  same(sent('{"seqNumber":1,"a":{"seqNumber":2},"serverTime":"x","n":9007199254740993}'),
    '{"a":{"seqNumber":2},"n":9007199254740993,"room":"","serverTime":1000,"seqNumber":7}')
  same(sent('{"seq\\u004eumber":1,"room":"r"}'), '{"room":"r","serverTime":1000,"seqNumber":7}')
end

function T.brackets_quotes_and_commas_in_strings_are_text()
  local tricky = [[{"a":"}],[{\"\\","b\"}":"{","c":"\\\\"}]]
  same(sent(tricky), tricky:sub(1, -2) .. ',"room":"","serverTime":1000,"seqNumber":7}')
  same(sent('{"serverTime":0,"a,b":"c,\\"}"}'),
    '{"a,b":"c,\\"}","room":"","serverTime":1000,"seqNumber":7}')
end

function T.a_list_keeps_its_order()
  local list = entries.read('[{"msg":1},\n {"msg":[{}]} , {"msg":"]"}]', 5)
  assert(#list == 3)
  for index, inner in ipairs { "1", "[{}]", '"]"' } do
    same(list[index].head, '{"msg":' .. inner .. ',"room":"",')
  end
  assert(#entries.read("[]", 5) == 0 and #entries.read(" [ ] ", 5) == 0)
end

function T.what_is_no_entry_is_refused()
  local bodies = {
    "1", '"a"', "null", "true", "[1]", "[[]]", "[[{}]]", "[{},null]", '["{}"]', "[{},[]]", "[{},1]",
  }
  for _, body in ipairs(bodies) do
    local list, code = entries.read(body, 5)
    assert(list == nil and code == "not_entries", body)
  end
  bodies = { "", "{", "[{}", '{"a":01}', "{}{}", "{'a':1}", '{"a":"\255"}', ("["):rep(5000) }
  for _, body in ipairs(bodies) do
    local list, code = entries.read(body, 5)
    assert(list == nil and code == "invalid_json", body)
  end
end

function T.too_many_entries_are_refused()
  local many = "[" .. ("{},"):rep(entries.COUNT_MAX) .. "{}]"
  assert(select(2, entries.read(many, 5)) == "too_many")
  assert(#entries.read("[" .. ("{},"):rep(entries.COUNT_MAX - 1) .. "{}]", 5) == entries.COUNT_MAX)
end

function T.a_room_is_asked_for_in_two_ways()
  assert(entries.wanted_room { room = "a", roomId = "b" } == "a")
  assert(entries.wanted_room { roomId = "b" } == "b")
  assert(entries.wanted_room { room = "", roomId = "b" } == "b")
  assert(entries.wanted_room { room = "" } == nil and entries.wanted_room {} == nil)
end

-- Random values, written by the host: what the splicing makes is JSON again and says the same.
function T.whatever_is_posted_stays_the_same()
  local random, json = nightjar.random, nightjar.json
  local pieces = { "", "a", "{", "}", "[", "]", ",", ":", '"', "\\", '\\"', "\n", "ü", '{"a":1}' }
  local names = { "msg", "room", "serverTime", "seqNumber", "x,y", '"', "\\", "}" }
  local function text()
    local parts = {}
    for i = 1, random.integer(0, 4) do parts[i] = random.pick(pieces) end
    return table.concat(parts)
  end
  local function value(depth)
    local kind = random.integer(1, depth > 0 and 5 or 3)
    if kind == 1 then return text() end
    if kind == 2 then return random.integer(-9007199254740993, 9007199254740993) end
    if kind == 3 then return random.pick { true, false, 1.5, json.null } end
    local made = kind == 4 and json.array() or {}
    for i = 1, random.integer(0, 4) do
      made[kind == 4 and i or random.pick(names) .. text()] = value(depth - 1)
    end
    return made
  end
  for _ = 1, 300 do
    local list = json.array()
    for i = 1, random.integer(0, 4) do
      list[i] = {}
      for _ = 1, random.integer(0, 5) do list[i][random.pick(names)] = value(3) end
    end
    local body = json.encode(list)
    local result = assert(entries.read(body, 1000), body)
    assert(#result == #list, body)
    for i, entry in ipairs(result) do
      local wanted = list[i]
      wanted.serverTime, wanted.seqNumber = 1000, i
      if type(wanted.room) ~= "string" then wanted.room = "" end
      local made = json.decode(entries.numbered(entry, i))
      assert(made, body)
      assert(json.encode(made, { sort = true }) == json.encode(wanted, { sort = true }), body)
    end
  end
end

return T
