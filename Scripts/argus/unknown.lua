--- The book of traits that no rule takes: after a patch of the game it shows what is new, how often
-- it was there, and one example of each. It is plain data, fit for `nightjar.state`.

local bounds = require "bounds"
local names = require "names"

local M = {}

---@class argus.UnknownBook
---@field traits table<string, {count: integer, first: number, last: number, example: table}>
---@field size integer names in the book
---@field dropped integer names that had to make room for others

--- An empty book.
---@return argus.UnknownBook
function M.new() return { traits = {}, size = 0, dropped = 0 } end

-- Whether an entry makes room before another: it was seen less often or, as often, longer ago.
local function goes_before(entry, other)
  if entry.count ~= other.count then return entry.count < other.count end
  return entry.last < other.last
end

-- The name that goes when there is no room. What many streams have stays, whatever a single one
-- makes up.
local function least(traits)
  local worst
  for name, entry in pairs(traits) do
    if not worst or goes_before(entry, traits[worst]) then worst = name end
  end
  return worst
end

--- Writes a trait into the book.
---@param book argus.UnknownBook
---@param trait any as `strings.build` gives it; one without a code name is not written down
---@param now number the time
function M.note(book, trait, now)
  local name = type(trait) == "table" and names.code(trait.Name)
  if not name then return end
  local entry = book.traits[name]
  if not entry then
    if book.size >= bounds.unknown_names then
      book.traits[least(book.traits)] = nil
      book.size, book.dropped = book.size - 1, book.dropped + 1
    end
    entry = { count = 0, first = now }
    book.traits[name], book.size = entry, book.size + 1
  end
  entry.count, entry.last, entry.example = entry.count + 1, now, names.fields(trait)
end

--- Takes out what the lists know by now.
---@param book argus.UnknownBook
---@param is_known fun(example: table): boolean
function M.forget(book, is_known)
  for name, entry in pairs(book.traits) do
    if is_known(entry.example) then
      book.traits[name], book.size = nil, book.size - 1
    end
  end
end

--- What is in the book, most frequent names first.
---@param book argus.UnknownBook
---@return {name: string, count: integer, first: number, last: number, example: table}[]
function M.list(book)
  local list = {}
  for name, entry in pairs(book.traits) do
    list[#list + 1] = {
      name = name, count = entry.count, first = entry.first, last = entry.last,
      example = entry.example,
    }
  end
  table.sort(list, function(a, b)
    if a.count ~= b.count then return a.count > b.count end
    return a.name < b.name
  end)
  return list
end

return M
