--- Counts what goes through the gateway. Counting costs an addition per message; the server's
-- metrics are brought up to date from time to time.

local nightjar = require "nightjar"
local counters = require "lib.counters"
local kept = require "lib.kept"
local limits = require "limits"

local M = {}

-- Totals since the server started.
local totals = kept("totals", {
  ops_in = 0, -- ops that came in
  ops_out = 0, -- ops that the gateway sent
  proxied = 0, -- messages of services that were passed on
  delivered = 0, -- how often: a message to all of a type is delivered several times
  dropped = 0, -- messages of services for which there was nobody
})

-- Messages passed on, by the target in their topic.
local by_topic = kept("by_topic")

-- Ops by number, both directions.
local by_op_in, by_op_out = kept("by_op_in"), kept("by_op_out")

M.totals, M.by_topic, M.by_op_in, M.by_op_out = totals, by_topic, by_op_in, by_op_out

-- Topics that have a name of their own in `by_topic`.
local named = 0

function M.restore()
  named = 0
  for _ in pairs(by_topic) do named = named + 1 end
end

--- An op came in.
---@param number? integer nil: one that does not exist
function M.op_in(number)
  totals.ops_in = totals.ops_in + 1
  if not number then return end
  by_op_in[number] = (by_op_in[number] or 0) + 1
end

--- The gateway sends an op.
---@param number integer
function M.op_out(number)
  totals.ops_out = totals.ops_out + 1
  by_op_out[number] = (by_op_out[number] or 0) + 1
end

local function first_of(topic)
  if named >= limits.topics and topic ~= "other" then
    by_topic.other = (by_topic.other or 0) + 1
  else
    named = named + 1
    by_topic[topic] = 1
  end
end

--- A message was passed on.
---@param topic string the target in its topic
---@param times integer how many it was given to
function M.proxied(topic, times)
  totals.proxied = totals.proxied + 1
  totals.delivered = totals.delivered + times
  local count = by_topic[topic]
  if count then by_topic[topic] = count + 1 else first_of(topic) end
end

--- A message found nobody.
function M.dropped()
  totals.dropped = totals.dropped + 1
end

-- Metrics have plain names: everything else in a topic becomes `_`.
local function metric_name(prefix, label)
  return (prefix .. label:gsub("[^%w_.]", "_")):sub(1, 64)
end

--- Brings the server's metrics up to date.
---@param names table<integer, {name: string}> the ops by number
---@param clients integer how many are connected
function M.publish(names, clients)
  nightjar.metrics.gauge("gateway.clients"):set(clients)
  for name, total in pairs(totals) do counters.publish("gateway." .. name, total) end
  -- Different topics may have the same metric: they are added up first.
  local sums = {}
  for topic, count in pairs(by_topic) do
    local name = metric_name("gateway.topic.", topic)
    sums[name] = (sums[name] or 0) + count
  end
  for number, count in pairs(by_op_in) do
    local op = names[number]
    if op then sums["gateway.op_in." .. op.name:lower()] = count end
  end
  for number, count in pairs(by_op_out) do
    local op = names[number]
    if op then sums["gateway.op_out." .. op.name:lower()] = count end
  end
  for name, total in pairs(sums) do counters.publish(name, total) end
end

return M
