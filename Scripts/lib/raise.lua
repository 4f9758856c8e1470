--- Errors that name another place than the line that raises them: a slip in a file that was read.

local M = {}

local slip = {
  __tostring = function(problem) return problem.place .. ": " .. problem.message end,
}

--- Raises a text that begins with "file:line: " as an error of that line: the server tells that
-- place alone, and no calls that have found it. Any other text is raised as it is.
---@param problem string
function M.there(problem)
  local place, message = problem:match("^([^\n:]+:%d+): (.*)$")
  if place then error(setmetatable({ place = place, message = message }, slip), 0) end
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
