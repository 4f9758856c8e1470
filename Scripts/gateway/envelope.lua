--- What a message looks like: `{"s":"source","t":"topic:with:segments","d":{…}}`.
--
-- What comes in is read generously, what goes out is always written the same way.

local nightjar = require "nightjar"
local limits = require "limits"
local stats = require "stats"

local M = {}

---@class gateway.Envelope
---@field s any who says it; a string, or something else that counts as missing
---@field t string the topic
---@field d string the payload: the JSON text of an object
---@field droppable any true: no complaint if there is nobody to take it

local decode, encode = nightjar.json.decode, nightjar.json.encode
local byte = string.byte

local OPENING_BRACE = byte("{")

-- The payload stays text until somebody wants to know what is in it; most never need to.
local RAW_PAYLOAD = { raw = { "d" } }
-- Members in a fixed order: equal messages have equal text.
local SORTED = { sort = true }

--- Reads a message.
---@param text string
---@return gateway.Envelope? envelope nil if it is none
---@return string? problem what is wrong with it, in words
function M.read(text)
  local envelope, _, detail = decode(text, RAW_PAYLOAD)
  if envelope == nil then return nil, "not JSON: " .. detail end
  -- A list has no `t`, so this finds everything that is no object.
  if type(envelope) ~= "table" or type(envelope.t) ~= "string" then
    return nil, "a message is an object with a string t"
  end
  local d = tostring(envelope.d)
  if byte(d) ~= OPENING_BRACE then return nil, "d must be an object" end
  envelope.d = d
  return envelope
end

-- Names and topics come again and again: their JSON text is remembered.
local quoted, count = {}, 0

--- A string as JSON text.
---@param text string
---@return string
function M.quote(text)
  local known = quoted[text]
  if known then return known end
  known = encode(text)
  if #text <= limits.quoted_bytes then
    if count >= limits.quoted then quoted, count = {}, 0 end
    quoted[text], count = known, count + 1
  end
  return known
end

--- The members of a payload that `read` has left as text. A payload inside it, as QUEUE_PUT has,
-- stays the text it came in.
---@param envelope gateway.Envelope
---@return table? d nil if a number in it is larger than numbers can be
---@return string? problem
function M.payload(envelope)
  local d, _, detail = decode(envelope.d, RAW_PAYLOAD)
  return d, detail
end

--- The text of an op, as the gateway sends it.
---@param d table with `opcode`
function M.op(d)
  stats.op_out(d.opcode)
  return '{"s":"gateway","t":"gateway:opcode","d":' .. encode(d, SORTED) .. "}"
end

--- Sends an op.
---@param conn nightjar.Connection
---@param d table with `opcode`
function M.send_op(conn, d)
  conn:send(M.op(d))
end

return M
