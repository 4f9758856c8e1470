--- The ids that senders gave their messages. As long as an id is remembered, a message that comes
-- again with it is not taken a second time. A fixed number of ids is remembered, also through
-- restarts; the oldest are forgotten first.

local chores = require "queues.chores"
local fifo = require "queues.fifo"
local limits = require "queues.limits"

local M = {}

--- An id as it is remembered: ids of different queues do not meet. Names have no blanks.
---@param name string of a queue
---@param id string
function M.key(name, id)
  return name .. " " .. id
end

--- The number of the message that came with this id; nil if it is not remembered.
---@param book gateway.Book
---@return integer? number
function M.number_of(book, name, id)
  return book.ids[M.key(name, id)]
end

--- Remembers an id.
---@param book gateway.Book
---@param key string
---@param number integer
---@return string[] forgotten the keys that gave way
function M.remember(book, key, number)
  local forgotten = {}
  book.ids[key] = number
  fifo.push(book.id_order, { key, number })
  while fifo.count(book.id_order) > limits.ids do
    local oldest = fifo.pop(book.id_order)
    -- An id whose message could not be stored may have come again since.
    if book.ids[oldest[1]] == oldest[2] then
      book.ids[oldest[1]] = nil
      forgotten[#forgotten + 1] = oldest[1]
    end
  end
  return forgotten
end

--- The message with this id was not stored after all.
---@param book gateway.Book
function M.forget(book, name, id)
  local key = M.key(name, id)
  book.ids[key] = nil
  chores.forget_id(book, key)
end

return M
