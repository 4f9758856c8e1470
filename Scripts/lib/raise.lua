--- Raises an error whose line is not among those that run: the server shows, as the place of an
-- error, only a line of the calls that led to it.

local M = {}

--- Raises a text that begins with "file:line: " at that line; any other one as it is.
---@param problem string
function M.there(problem)
  local chunk, line = problem:match("^([^\n:]+):(%d+): ")
  local there = chunk and load(("\n"):rep(tonumber(line) - 1) .. "error(..., 0)", "=" .. chunk, "t",
    { error = error })
  if there then there(problem) end
  error(problem, 0)
end

--- "file:line" of a call; empty if it is none of a script.
---@param level integer as for `error`: 1 is who asks
---@return string
function M.place(level)
  local _, text = pcall(error, "", level + 2)
  return (tostring(text):gsub(": ?$", ""))
end

return M
