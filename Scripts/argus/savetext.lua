--- Reads Lua table text, as a save extractor writes it, as data: `return { … }`, `{ … }`, or
-- assignments `CurrentRun = { … }`. It is never run. What is not data, as a function or a call, is
-- an error with its line.

local bounds = require "bounds"
local literals = require "savetext.literals"

local M = {}

---@class argus.SaveReader
---@field text string
---@field at integer where to read on
---@field values integer read so far; comments and escapes count as well, they cost as much
local Reader = {}
Reader.__index = Reader

-- Ends the reading; M.read tells `problem` with the line.
local function fail(reader, problem, at)
  error({ problem = problem, at = at or reader.at }, 0)
end

local function spend(reader, values)
  reader.values = reader.values + values
  if reader.values > bounds.save_values then
    fail(reader, ("more than %d values, comments and escapes"):format(bounds.save_values))
  end
end

-- Skips blanks and comments, then looks at the next byte; "" at the end.
local function peek(reader)
  local text = reader.text
  while true do
    local at = text:find("[^ \t\r\n\v\f]", reader.at)
    if not at then
      reader.at = #text + 1
      return ""
    end
    reader.at = at
    local byte = text:sub(at, at)
    if byte ~= "-" or text:sub(at + 1, at + 1) ~= "-" then return byte end
    spend(reader, 1)
    local level = text:match("^%[(=*)%[", at + 2)
    local _, last = text:find(level and "]" .. level .. "]" or "\n", at + 2, true)
    if level and not last then fail(reader, "a comment that does not end") end
    reader.at = (last or #text) + 1
  end
end

local function what_is_there(reader)
  local there = reader.text:match("^[%w_]+", reader.at) or reader.text:sub(reader.at, reader.at)
  if there == "" then return "the end of the text" end
  if not there:find "^[\33-\126]+$" then return "an odd byte" end
  return '"' .. there:sub(1, bounds.shown_bytes) .. '"'
end

local function fail_instead(reader, what)
  fail(reader, ("expected %s, found %s"):format(what, what_is_there(reader)))
end

local function expect(reader, byte, what)
  if peek(reader) ~= byte then fail_instead(reader, what) end
  reader.at = reader.at + 1
end

local WORDS = { ["true"] = true, ["false"] = false }

local value_of

-- The key of a field, `name =` or `[key] =`; nil for an element of a list.
local function key_of(reader, depth)
  local first = peek(reader)
  -- Most elements of a list start so.
  if first == "{" or first == '"' then return nil end
  if first == "[" and not reader.text:find("^%[=*%[", reader.at) then
    local start = reader.at
    reader.at = start + 1
    local key = value_of(reader, depth)
    if key == nil or key ~= key or type(key) == "table" then
      fail(reader, "a key must be a text, a number or a truth value", start)
    end
    expect(reader, "]", '"]"')
    expect(reader, "=", '"="')
    return key
  end
  local name, last = reader.text:match("^([%a_][%w_]*)()", reader.at)
  if not name then return nil end
  local start = reader.at
  reader.at = last
  if peek(reader) == "=" then
    reader.at = reader.at + 1
    return name
  end
  reader.at = start
  return nil
end

local function table_of(reader, depth)
  if depth > bounds.save_depth then
    fail(reader, ("tables are nested deeper than %d"):format(bounds.save_depth))
  end
  local start, result, count = reader.at, {}, 0
  reader.at = reader.at + 1
  while peek(reader) ~= "}" do
    if reader.at > #reader.text then fail(reader, 'a table that does not end with "}"', start) end
    local key = key_of(reader, depth)
    if key == nil then
      count = count + 1
      key = count
    end
    result[key] = value_of(reader, depth)
    local after = peek(reader)
    if after == "," or after == ";" then
      reader.at = reader.at + 1
    elseif after ~= "}" then
      fail_instead(reader, '"," or "}"')
    end
  end
  reader.at = reader.at + 1
  return result
end

-- One value; nil for `nil`.
function value_of(reader, depth)
  spend(reader, 1)
  local byte = peek(reader)
  if byte == "{" then return table_of(reader, depth + 1) end
  local left = bounds.save_values - reader.values
  local value, next_at, problem, escapes = literals.read(reader.text, reader.at, left)
  if escapes then spend(reader, escapes) end
  if problem then fail(reader, problem, next_at) end
  if next_at then
    reader.at = next_at
    return value
  end
  local word, last = reader.text:match("^([%a_][%w_]*)()", reader.at)
  if word == "nil" or WORDS[word] ~= nil then
    reader.at = last
    return WORDS[word]
  end
  return fail_instead(reader, "a text, a number, a truth value or a table")
end

-- `CurrentRun = { … }` and further ones, with or without `local`.
local function assignments_of(reader)
  local result = {}
  while peek(reader) ~= "" do
    local after = reader.text:match("^local%s+()", reader.at)
    reader.at = after or reader.at
    local name, last = reader.text:match("^([%a_][%w_]*)()", reader.at)
    if not name then fail_instead(reader, "a name") end
    reader.at = last
    expect(reader, "=", '"=" after the name')
    result[name] = value_of(reader, 0)
    if peek(reader) == ";" then reader.at = reader.at + 1 end
  end
  return result
end

local function chunk_of(reader)
  local after = peek(reader) == "r" and reader.text:match("^return%f[^%w_]()", reader.at)
  reader.at = after or reader.at
  if not after and reader.text:find("^[%a_]", reader.at) then return assignments_of(reader) end
  if peek(reader) ~= "{" then fail_instead(reader, 'a table "{"') end
  local result = value_of(reader, 0)
  if peek(reader) == ";" then reader.at = reader.at + 1 end
  if peek(reader) ~= "" then fail_instead(reader, "the end") end
  return result
end

local function line_of(text, at)
  local _, lines = text:sub(1, at - 1):gsub("\n", "\n")
  return lines + 1
end

--- Reads a text.
---@param text any
---@return table? value nil if it cannot be read
---@return string? message with nil: what is wrong, with the line
function M.read(text)
  if type(text) ~= "string" then return nil, "not a text" end
  if #text > bounds.save_bytes then
    return nil, ("the text has more than %d bytes"):format(bounds.save_bytes)
  end
  local reader = setmetatable({ text = text, at = 1, values = 0 }, Reader)
  local fine, result = pcall(chunk_of, reader)
  if fine then return result end
  -- Anything else is a mistake of this file.
  if type(result) ~= "table" then error(result, 0) end
  return nil, ("line %d: %s"):format(line_of(text, result.at), result.problem)
end

return M
