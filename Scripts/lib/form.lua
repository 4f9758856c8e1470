--- Forms as browsers post them (`application/x-www-form-urlencoded`).

local M = {}

-- More fields than any form of ours has; the rest is not read.
M.FIELDS_MAX = 64

local function unescaped(text)
  local spaced = text:gsub("+", " ")
  return (spaced:gsub("%%(%x%x)", function(hex) return string.char(tonumber(hex, 16)) end))
end

--- The fields of a form; of a repeated name the last.
---@param body string
---@return table<string, string>
function M.fields(body)
  local fields, count = {}, 0
  for pair in body:gmatch("[^&]+") do
    count = count + 1
    if count > M.FIELDS_MAX then break end
    local name, value = pair:match("^([^=]*)=(.*)$")
    fields[unescaped(name or pair)] = unescaped(value or "")
  end
  return fields
end

--- Escapes a text for a query or a form.
---@param text string
---@return string
function M.escape(text)
  return (text:gsub("[^%w%-%._~]", function(char) return ("%%%02X"):format(char:byte()) end))
end

return M
