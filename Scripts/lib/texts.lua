--- Texts that are shown to people: cut where a character ends, and always UTF-8. A page or an
-- answer in JSON with one byte that is none could not be sent at all.

local M = {}

--- The text; what is no UTF-8 has question marks in place of its bytes above 127.
---@param text string
---@return string
function M.valid(text)
  if utf8.len(text) then return text end
  return (text:gsub("[\x80-\xff]", "?"))
end

--- The beginning of a text, as UTF-8.
---@param text string
---@param most integer bytes
---@return string
function M.cut(text, most)
  if #text <= most then return M.valid(text) end
  local last = most
  while last > 0 and text:byte(last + 1) & 0xC0 == 0x80 do last = last - 1 end
  return M.valid(text:sub(1, last))
end

return M
