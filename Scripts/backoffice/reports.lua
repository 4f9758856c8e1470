--- Reports of rounds: what must stand in one, and what of it is kept.

local answers = require "answers"
local limits = require "limits"

local M = {}

local is_id, is_count = answers.is_id, answers.is_count

-- An object is no list, an empty one of either kind is.
local function is_list(value)
  return type(value) == "table" and (#value > 0 or next(value) == nil)
end

local function is_return(value)
  return type(value) == "number" and value >= 0 and value <= 1000
end

-- What the player pays, where a step does not say its direction; everything else he gets.
local PAID = { bet = true, extra = true }

local DIRECTIONS = { ["in"] = true, out = true }

-- Whether the player pays the step: kinds are the engines' own.
local function is_paid(op)
  if op.direction == nil then return PAID[op.type] == true end
  return op.direction == "in"
end

local function sums(ops)
  local total_in, total_out = 0, 0
  for index, op in ipairs(ops) do
    local fits = type(op) == "table" and is_id(op.type) and is_count(op.amount)
    if not fits then return nil, ("step %d needs a type and an amount"):format(index) end
    if op.direction ~= nil and not DIRECTIONS[op.direction] then
      return nil, ("the direction of step %d must be in or out"):format(index)
    end
    if is_paid(op) then
      total_in = total_in + op.amount
    else
      total_out = total_out + op.amount
    end
    if total_in < 0 or total_out < 0 then
      return nil, ("the sum at step %d is more than 64 bits hold"):format(index)
    end
  end
  return total_in, total_out
end

local function check_names(report)
  for _, name in ipairs { "round_id", "site", "game", "denom" } do
    if not is_id(report[name]) then return name .. " must be a text" end
  end
  for _, name in ipairs { "session_id", "player_id", "platform", "uid", "outcome" } do
    if report[name] ~= nil and not is_id(report[name]) then return name .. " must be a text" end
  end
  for _, name in ipairs { "started", "ended", "total_in", "total_out", "balance" } do
    if not is_count(report[name]) then return name .. " must be a whole number, not negative" end
  end
  return nil
end

local function check_marks(marks)
  if marks == nil then return nil end
  if not is_list(marks) or #marks > limits.marks then
    return ("marks must be a list of at most %d"):format(limits.marks)
  end
  for _, mark in ipairs(marks) do
    if not is_id(mark) then return "a mark must be a text" end
  end
  return nil
end

local function check_declared(declared)
  if declared == nil or is_return(declared) then return nil end
  if type(declared) == "table" and is_return(declared[1]) and is_return(declared[2]) then
    return nil
  end
  return "declared_return must be a number, or two: from, to"
end

--- What is wrong with a report; nil when nothing is.
---@param report table
---@return string?
function M.problem(report)
  local ops = report.ops
  if not is_list(ops) or #ops > limits.steps then
    return ("ops must be a list of at most %d steps"):format(limits.steps)
  end
  local problem = check_names(report) or check_marks(report.marks)
    or check_declared(report.declared_return)
  if problem then return problem end
  local total_in, total_out = sums(ops)
  if not total_in then return total_out end
  if total_in ~= report.total_in or total_out ~= report.total_out then
    return "total_in and total_out are not the sums of the steps"
  end
  return nil
end

-- What makes two reports of one round the same: everything about the money and the game. A server
-- may learn a player's id between two tries.
local SAME = {
  "site", "game", "denom", "started", "ended", "total_in", "total_out", "balance", "outcome",
}

--- Whether a report tells the same as the one that is kept.
---@param report table
---@param kept table
---@return boolean
function M.is_same(report, kept)
  for _, name in ipairs(SAME) do
    if report[name] ~= kept[name] then return false end
  end
  if #report.ops ~= #kept.ops then return false end
  for index, op in ipairs(report.ops) do
    local other = kept.ops[index]
    if op.type ~= other.type or op.amount ~= other.amount then return false end
    if is_paid(op) ~= is_paid(other) then return false end
  end
  return true
end

return M
