-- Lua table text as data.

local bounds = require "bounds"
local equal = require("lib.testing").equal
local random = require("lib.testing").random
local savetext = require "savetext"

local T = {}

local function read(text)
  local value, message = savetext.read(text)
  assert(value, message)
  return value
end

local function refused(text, expected)
  local value, message = savetext.read(text)
  assert(value == nil, "it was read")
  equal(message, expected, text)
end

function T.what_writers_of_saves_write()
  equal(read [=[
    -- a save
    return {
      CurrentRun = { Hero = { Traits = { { Name = "ZeusManaBoon", StackNum = 2, }, { ["Name"] = 'B'; } } } },
      [1] = true, [2] = false, ["with blank"] = nil, [-1.5] = 0x1F, --[[ a longer
      comment ]] last = 1e3
    };
  ]=], {
    CurrentRun = { Hero = { Traits = { { Name = "ZeusManaBoon", StackNum = 2 }, { Name = "B" } } } },
    true, false, [-1.5] = 31, last = 1000.0,
  })
  equal(read "{}", {})
  equal(read "{1,2,nil,4}", { 1, 2, nil, 4 })
  equal(read "{{},{{}}}", { {}, { {} } })
end

function T.assignments_are_the_fields_of_one_table()
  equal(read "CurrentRun = { A = 1 }\nlocal GameState = {}; Other = 'x'",
    { CurrentRun = { A = 1 }, GameState = {}, Other = "x" })
  equal(read "returned = 1", { returned = 1 })
end

function T.texts_with_all_escapes()
  equal(read([[{"a\n\t\\\"\65\x42\u{e9}\z   b"}]])[1], 'a\n\t\\"ABéb')
  equal(read("{[[\ntwo\nlines]]}")[1], "two\nlines")
  equal(read("{[=[]]]=]}")[1], "]]")
  equal(read('{"\\\n"}')[1], "\n")
  equal(read("{[ [[key]] ]=1}").key, 1)
end

function T.numbers()
  equal(read "{1, -2, 3.5, .5, 5., 1e2, -1E-2, 0xff, 9007199254740993}",
    { 1, -2, 3.5, 0.5, 5.0, 100.0, -0.01, 255, 9007199254740993 })
  local odd = read "{1/0, -1/0, math.huge, -math.huge, 0/0, -(0/0)}"
  equal({ odd[1], odd[2], odd[3], odd[4] }, { math.huge, -math.huge, math.huge, -math.huge })
  assert(odd[5] ~= odd[5] and odd[6] ~= odd[6])
  equal(math.type(read("{3.0}")[1]), "float")
end

function T.what_is_no_data_is_refused_with_its_line()
  local value = "a text, a number, a truth value or a table"
  refused("{ a = function() end }", "line 1: expected " .. value .. ', found "function"')
  refused("{\n\n a = os }", "line 3: expected " .. value .. ', found "os"')
  refused('{ a = print("x") }', "line 1: expected " .. value .. ', found "print"')
  refused("return os.exit()", 'line 1: expected a table "{", found "os"')
  refused("{ 1 + 1 }", 'line 1: expected "," or "}", found "+"')
  refused("{ 1..2 }", "line 1: a number that is none")
  refused("{ 12abc }", "line 1: a number that is none")
  refused("{ 'a\n' }", "line 1: a text that does not end in its line")
  refused("{ 'a", "line 1: a text that does not end")
  refused("{ [[a }", "line 1: a text that does not end")
  refused([[{ "\q" }]], "line 1: an escape that Lua does not have")
  refused([[{ "\300" }]], "line 1: an escape that Lua does not have")
  refused("{\n{1,", 'line 2: a table that does not end with "}"')
  refused("{} {}", 'line 1: expected the end, found "{"')
  refused("{ [nil] = 1 }", "line 1: a key must be a text, a number or a truth value")
  refused("{ [0/0] = 1 }", "line 1: a key must be a text, a number or a truth value")
  refused("{ [{}] = 1 }", "line 1: a key must be a text, a number or a truth value")
  refused("", 'line 1: expected a table "{", found the end of the text')
  refused("--[[ x", "line 1: a comment that does not end")
  refused("7", 'line 1: expected a table "{", found "7"')
  refused("a = 1 b", 'line 1: expected "=" after the name, found the end of the text')
  refused("{\255}", "line 1: expected " .. value .. ", found an odd byte")
  refused(7, "not a text")
end

function T.size_depth_and_count_are_bounded()
  refused(("x"):rep(bounds.save_bytes + 1), "the text has more than 1048576 bytes")
  local deep = bounds.save_depth
  assert(savetext.read(("{"):rep(deep) .. ("}"):rep(deep)))
  refused(("{"):rep(deep + 1) .. ("}"):rep(deep + 1), "line 1: tables are nested deeper than 32")
  refused(("{"):rep(100000), "line 1: tables are nested deeper than 32")
  local kept = bounds.save_values
  bounds.save_values = 500
  local fine, problem = pcall(function()
    local message = "line 1: more than 500 values, comments and escapes"
    refused("{" .. ("1,"):rep(500) .. "}", message)
    refused("{" .. ("--[[]]"):rep(500) .. "}", message)
    refused('{"' .. ("\\65"):rep(500) .. '"}', message)
    refused("{" .. ('"\\65",'):rep(251) .. "}", message)
    assert(savetext.read('{"' .. ("\\65"):rep(400) .. '"}'))
  end)
  bounds.save_values = kept
  assert(fine, problem)
end

-- Texts made of what such files are made of, and of what they are not, cut and changed at random.
function T.whatever_comes_is_read_or_refused()
  local pieces = {
    "{", "}", "{", "}", "[", "]", "=", ",", ";", "a", "Name", '"x"', "'", '"', "\\", "[[", "]]", "[==[", "]==]", "1",
    "-", ".", "0x", "1e", "/0", "(", ")", "nil", "true", "return ", "local ", "--", "--[[", "\n", " ", "\0", "\255",
    "é", "math.huge",
  }
  local generator = random(20241)
  local outcomes = { [true] = 0, [false] = 0 }
  for _ = 1, 100 do
    local text = {}
    for i = 1, generator:integer(1, 25) do text[i] = generator:pick(pieces) end
    local value, message = savetext.read((generator:integer(3) == 1 and "" or "{ ") .. table.concat(text))
    assert(type(value) == "table" or message:find "^line %d+: ", message)
    outcomes[value ~= nil] = outcomes[value ~= nil] + 1
  end
  assert(outcomes[false] > 25)
  -- A sound text with some bytes changed.
  local sound = '{ Hero = { Traits = { { Name = "ZeusManaBoon", Rarity = "Epic" }, [3] = { StackNum = 2.5 } } } }'
  for _ = 1, 120 do
    local at = generator:integer(1, #sound)
    local byte = string.char(generator:integer(0, 255))
    local text = sound:sub(1, at - 1) .. byte .. sound:sub(at + generator:integer(0, 2))
    local value, message = savetext.read(text)
    assert(type(value) == "table" or message:find "^line %d+: ", message)
    outcomes[value ~= nil] = outcomes[value ~= nil] + 1
  end
  assert(outcomes[true] > 25)
end

-- What a writer makes of data comes back the same.
function T.what_was_written_is_read_again()
  local generator = random(7)
  local function write(value)
    if type(value) == "string" then return ("%q"):format(value) end
    if type(value) ~= "table" then return tostring(value) end
    local parts = {}
    for key, element in pairs(value) do parts[#parts + 1] = "[" .. write(key) .. "]=" .. write(element) end
    return "{" .. table.concat(parts, ",\n") .. "}"
  end
  local function made(depth)
    local kind = generator:integer(1, depth > 3 and 3 or 4)
    if kind == 1 then return generator:integer(-1000, 1000) end
    if kind == 2 then return generator:integer(1, 2) == 1 end
    if kind == 3 then
      local bytes = {}
      for i = 1, generator:integer(0, 8) do bytes[i] = string.char(generator:integer(0, 255)) end
      return table.concat(bytes)
    end
    local result = {}
    for _ = 1, generator:integer(0, 5) do result["k" .. generator:integer(1, 99)] = made(depth + 1) end
    for i = 1, generator:integer(0, 3) do result[i] = made(depth + 1) end
    return result
  end
  for _ = 1, 15 do
    local value = { made(1), made(1) }
    equal(read(write(value)), value)
  end
end

return T
