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

---A function that reads messages of known kinds: the text once, straight into a table of the fields in their types. Faster than `decode`, and ids of 64 bits stay exact though they come as texts.
---@param options nightjar.ReaderOptions
---@return fun(text: string): table?, string?, string? read Gives the record in a text; or nil, a code and the detail: `invalid_json`, `no_match` (a message of another kind), `invalid_value` (a needed field is missing, or has a value of another type).
function json.reader(options) end

return json
