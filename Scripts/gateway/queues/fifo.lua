--- First in, first out. A fifo is plain data, so that it survives a reload.

local M = {}

---@class gateway.Fifo
---@field first integer index of the oldest element
---@field last integer index of the newest; less than `first` if there is none

---@return gateway.Fifo
function M.new()
  return { first = 1, last = 0 }
end

---@param fifo gateway.Fifo
---@param value any not nil
function M.push(fifo, value)
  local last = fifo.last + 1
  fifo.last = last
  fifo[last] = value
end

--- Takes the oldest element out; nil if there is none.
---@param fifo gateway.Fifo
function M.pop(fifo)
  local first = fifo.first
  local value = fifo[first]
  if value == nil then return nil end
  fifo[first] = nil
  if first == fifo.last then
    -- Indices begin anew, so that the table stays a list.
    fifo.first, fifo.last = 1, 0
  else
    fifo.first = first + 1
  end
  return value
end

---@param fifo gateway.Fifo
function M.peek(fifo)
  return fifo[fifo.first]
end

---@param fifo gateway.Fifo
function M.count(fifo)
  return fifo.last - fifo.first + 1
end

return M
