--- What the pages say: the version that clients ask for, and the server's state.

local M = {}

--- Clients refuse to work with anything else.
M.VERSION = "0.1"

local UNITS = { "Bytes", "KB", "MB", "GB", "TB", "PB", "EB" }

--- A number of bytes for people: `0 Bytes`, `1.5 KB`, at most two decimals.
---@param bytes integer
---@return string
function M.size(bytes)
  local value, unit = bytes, 1
  while value >= 1024 and unit < #UNITS do
    value, unit = value / 1024, unit + 1
  end
  local digits = ("%.2f"):format(value):gsub("0+$", ""):gsub("%.$", "")
  return digits .. " " .. UNITS[unit]
end

--- The page that says how the server is. The spelling of the first line is what monitors look for.
---@param counts string[] lines in the middle, like `Active sockets: 3`
---@param pushed integer bytes
---@param uptime integer milliseconds
---@return string html
function M.page(counts, pushed, uptime)
  local lines = { "Sever is OK!", table.unpack(counts) }
  lines[#lines + 1] = "Data pushed total: " .. M.size(pushed)
  lines[#lines + 1] = ("Uptime: %.2f sec"):format(uptime / 1000)
  return table.concat(lines, "\n<br>")
end

return M
