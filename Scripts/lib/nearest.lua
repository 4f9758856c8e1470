--- Finds the name that was meant by a misspelt one.

local M = {}

-- Longer names are no slips of the pen.
local NAME_MAX = 64

--- How many letters have to be put in, left out, replaced or swapped with their neighbour to make
-- one word of the other.
---@param a string
---@param b string
---@return integer
function M.distance(a, b)
  local rows = { [0] = {} }
  for j = 0, #b do rows[0][j] = j end
  for i = 1, #a do
    local row, above = { [0] = i }, rows[i - 1]
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      row[j] = math.min(above[j] + 1, row[j - 1] + 1, above[j - 1] + cost)
      -- Two neighbours swapped are one slip, not two.
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        row[j] = math.min(row[j], rows[i - 2][j - 2] + 1)
      end
    end
    rows[i] = row
  end
  return rows[#a][#b]
end

--- The name among `known` that is closest to `name`; nil when none is close.
---@param name string
---@param known string[]
---@return string?
function M.find(name, known)
  if #name > NAME_MAX then return nil end
  local best, best_distance = nil, math.max(1, #name // 3) + 1
  for _, candidate in ipairs(known) do
    local distance = M.distance(name:lower(), candidate:lower())
    if distance < best_distance then best, best_distance = candidate, distance end
  end
  return best
end

--- `; did you mean "x"?`, or the list of what there is.
---@param name string
---@param known string[]
---@return string
function M.hint(name, known)
  local found = M.find(name, known)
  if found then return ("; did you mean \"%s\"?"):format(found) end
  local sorted = table.move(known, 1, #known, 1, {})
  table.sort(sorted)
  return "; known are " .. table.concat(sorted, ", ")
end

return M
