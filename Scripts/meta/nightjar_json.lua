---@meta
-- Written by `nightjar annotations` from the table of the host's functions; changes are overwritten.
-- luacheck: ignore

---@class nightjar.json
---@field null any JSON's null, which is not nil: it keeps its place in lists and tables.
local json = {}

---JSON text of a value. Whole numbers stay whole; an empty table is `{}`, `json.array()` is `[]`.
---@param value any nil, booleans, numbers, strings, tables.
---@param options? nightjar.EncodeOptions
---@return string? text
---@return string? code With nil: `invalid_json`.
---@return string? detail
function json.encode(value, options) end

---The value of a JSON text; null is `json.null`. Raw values are written as they came, digit by digit; `tostring` gives their text.
---@param text any Text, or a raw value.
---@param options? nightjar.DecodeOptions
---@return any value
---@return string? code With nil: `invalid_json`.
---@return string? detail
function json.decode(text, options) end

---Marks a table as a list, so that it is `[]` even when it is empty.
---@param list? table
---@return table list
function json.array(list) end

---JSON text as a value that is written as it is.
---@param text string Valid JSON.
---@return any value
function json.raw(text) end

return json
