--- What has changed in the book and is still to be written to the store. Chores are written in
-- their order, several at a time, behind the back of whoever caused them. One that a crash has
-- prevented does no harm: then a message that was acknowledged comes once more.

local fifo = require "queues.fifo"

local M = {}

--- Where things are in the store.
M.KEYS = {
  index = "queues:index",   -- sorted set: "number size queue" by number
  failed = "queues:failed", -- sorted set: number by how often
  ids = "queues:ids",       -- sorted set: "queue id" by number
  body = "queues:body:",    -- followed by the number
  start = "queues:start",   -- the number after which those of the latest start begin
}

--- A message as the index has it.
---@param number integer
---@param size integer
---@param name string
function M.entry(number, size, name)
  return ("%d %d %s"):format(number, size, name)
end

--- A message is gone.
function M.forget(book, number, size, name)
  fifo.push(book.chores, { "forget", number, size, name })
end

--- A message is a dead letter now.
function M.move(book, number, size, from, to)
  fifo.push(book.chores, { "move", number, size, from, to })
end

--- A message has failed.
function M.failed(book, number, times)
  fifo.push(book.chores, { "failed", number, times })
end

--- A sender's id is free again.
function M.forget_id(book, key)
  fifo.push(book.chores, { "forget_id", key })
end

local keys = M.KEYS

-- Adds the changes of a chore to a list of them; at most three.
local write = {
  forget = function(changes, _, number, size, name)
    changes[#changes + 1] = { "delete", keys.body .. number }
    changes[#changes + 1] = { "remove", keys.index, M.entry(number, size, name) }
    changes[#changes + 1] = { "remove", keys.failed, tostring(number) }
  end,
  move = function(changes, _, number, size, from, to)
    changes[#changes + 1] = { "remove", keys.index, M.entry(number, size, from) }
    changes[#changes + 1] = { "add", keys.index, M.entry(number, size, to), number }
    changes[#changes + 1] = { "remove", keys.failed, tostring(number) }
  end,
  failed = function(changes, _, number, times)
    changes[#changes + 1] = { "add", keys.failed, tostring(number), times }
  end,
  forget_id = function(changes, book, key)
    -- It may have come again, and this time its message was stored.
    if not book.ids[key] then changes[#changes + 1] = { "remove", keys.ids, key } end
  end,
}

--- The oldest chores as changes of the store.
---@param most integer
---@return table[] changes, integer count how many chores they are
function M.changes(book, most)
  local changes, count = {}, math.min(most, fifo.count(book.chores))
  for index = book.chores.first, book.chores.first + count - 1 do
    local chore = book.chores[index]
    write[chore[1]](changes, book, table.unpack(chore, 2))
  end
  return changes, count
end

--- The oldest chores are done.
---@param count integer
function M.done(book, count)
  for _ = 1, count do fifo.pop(book.chores) end
end

return M
