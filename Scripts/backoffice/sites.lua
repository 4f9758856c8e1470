--- The sites that servers are told of: a file each, in the form of the server's own site files. A
-- saved one holds for the next session at once, and for those that run within a minute.

local nightjar = require "nightjar"

local M = {}

local by_id = {}
for _, file in ipairs(nightjar.files("sites", ".json")) do
  local text = nightjar.data("sites/" .. file)
  local site, _, detail = nightjar.json.decode(text)
  if type(site) ~= "table" or type(site.id) ~= "string" then
    error(("sites/%s: a JSON object with an \"id\" is expected: %s")
      :format(file, detail or "it has none"), 0)
  end
  if by_id[site.id] then
    error(("sites/%s: the site %s has another file, too"):format(file, site.id), 0)
  end
  by_id[site.id] = text
end

--- A site's text as its file has it.
---@param id string
---@return string? text nil: there is no such site
function M.text(id) return by_id[id] end

--- The ids of all sites.
---@return string[]
function M.ids()
  local ids = nightjar.json.array()
  for id in pairs(by_id) do ids[#ids + 1] = id end
  table.sort(ids)
  return ids
end

return M
