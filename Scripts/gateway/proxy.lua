--- Messages from service to service: who gets them, and what they get.
--
--   web sends     {"s":"web","t":"gateway-proxy:web:discord:guild:get","d":{…}}
--   discord gets  {"s":"web","t":"discord:guild:get","d":{…}}
--
-- The first segment behind the sender's name is the target. The payload is passed on as the text
-- it came in. Nothing in here waits, so messages from one to another stay in order.

local clients = require "clients"
local envelope = require "envelope"
local queued = require "queues.topic"
local reject = require "reject"
local stats = require "stats"

local M = {}

local find, sub, byte = string.find, string.sub, string.byte
local quote = envelope.quote
local by_name, by_service, conn_of = clients.by_name, clients.by_service, clients.conn_of

local COLON = byte(":")
-- Where the sender's name begins in "gateway-proxy:web:…".
local SOURCE_AT = #"gateway-proxy:" + 1

--- Takes a topic apart.
---@param topic string "gateway-proxy:web:discord:guild:get"
---@return integer? inner where the inner topic begins; nil: not a topic to be passed on
---@return integer source_end last byte of the sender's name
---@return string target first segment of the inner topic
function M.parse(topic)
  local colon = find(topic, ":", SOURCE_AT, true)
  if not colon or colon == SOURCE_AT then return nil, 0, "" end
  local inner = colon + 1
  local first = byte(topic, inner)
  if not first or first == COLON then return nil, 0, "" end
  return inner, colon - 1, sub(topic, inner, (find(topic, ":", inner, true) or 0) - 1)
end

--- The text that the receiver gets.
local function delivery(message, topic, inner, source_end)
  local source = message.s
  if type(source) ~= "string" then source = sub(topic, SOURCE_AT, source_end) end
  return '{"s":' .. quote(source) .. ',"t":' .. quote(inner) .. ',"d":' .. message.d .. "}"
end

local function give(client, text)
  client.received = client.received + 1
  conn_of[client]:send(text)
end

--- Gives a message to everybody of a service type but the sender.
---@return integer count how many got it
local function give_all(sender, service, text)
  local group = by_service[service]
  local count = 0
  if group then
    for index = 1, #group do
      local client = group[index]
      if client ~= sender then
        give(client, text)
        count = count + 1
      end
    end
  end
  return count
end

--- Passes a message on.
---@param sender gateway.Client
---@param message gateway.Envelope
---@param inner integer where the inner topic begins
---@param source_end integer last byte of the sender's name
---@param target string first segment of the inner topic
---@return boolean passed false: the topic names nobody who could exist
function M.pass(sender, message, inner, source_end, target)
  local topic = message.t
  sender.sent = sender.sent + 1
  local receiver = by_name[target]
  local at = not receiver and find(target, "@", 1, true)
  local label, rest, times = target, sub(topic, inner), 0
  if at then
    -- `discord@*` and `discord@discord-1`: the receiver sees just `discord`.
    if at == 1 then return false end
    local wanted = sub(target, at + 1)
    label = sub(target, 1, at - 1)
    rest = label .. sub(rest, #target + 1)
    if wanted == queued.SUFFIX then
      queued.put(sender, message, label, rest, sub(topic, SOURCE_AT, source_end))
      return true
    end
    if wanted == "*" then
      times = give_all(sender, label, delivery(message, topic, rest, source_end))
    else
      receiver = by_name[wanted]
    end
  elseif not receiver then
    receiver = clients.next(target, sender)
  end
  if receiver then
    give(receiver, delivery(message, topic, rest, source_end))
    times = 1
  end
  if times > 0 then
    stats.proxied(label, times)
  else
    stats.dropped()
    if message.droppable ~= true then
      reject.send(conn_of[sender], "no_target", nil, { topic = topic })
    end
  end
  return true
end

return M
