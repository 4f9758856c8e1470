--- Makes the output JSON that viewers are sent from the eight strings.

local arcana = require "parse.arcana"
local bounds = require "bounds"
local boons = require "parse.boons"
local elements = require "parse.elements"
local extras = require "parse.extras"
local familiar = require "parse.familiar"
local pins = require "parse.pins"
local vows = require "parse.vows"
local warnings = require "warnings"
local weapon = require "parse.weapon"

local M = {}

--- The eight strings, in the order of the client's eight lines, with what each says if there is
-- nothing.
M.STRINGS = {
  { name = "boonData", nothing = "NOBOONS" },
  { name = "weaponData", nothing = "NOWEAPONS" },
  { name = "familiarData", nothing = "NOFAMILIARS" },
  { name = "extraData", nothing = "NOEXTRAS" },
  { name = "elementalData", nothing = "NOELEMENTS" },
  { name = "pinData", nothing = "NOPINS" },
  { name = "vowData", nothing = "NOVOWS" },
  { name = "arcanaData", nothing = "NOARCANA" },
}

-- The strings of a run; nil for those that say nothing, which a missing one does too.
local function strings_of(run_data, warn)
  local strings = {}
  if type(run_data) ~= "table" then
    warn:add("the run data is %s, no object: nothing is shown", run_data)
    return strings
  end
  for _, string in ipairs(M.STRINGS) do
    local text = run_data[string.name]
    if type(text) ~= "string" then
      warn:add(("%s is %%s, no text: taken as %s"):format(string.name, string.nothing), text)
    elseif #text > bounds.string_bytes then
      warn:add(("%s has %%s bytes: taken as %s"):format(string.name, string.nothing), #text)
    elseif text ~= string.nothing then
      strings[string.name] = text
    end
  end
  return strings
end

--- Makes the output of a run.
---@param run_data any the eight strings; whatever it is, this never raises
---@param mapping argus.Mapping
---@param lists argus.Lists
---@return table output for `nightjar.json.encode`, made anew each time
---@return string[] warnings
function M.output(run_data, mapping, lists)
  local warn = warnings.new()
  local strings = strings_of(run_data, warn)
  local output = {
    boonData = boons.read(strings.boonData, mapping, lists, warn),
    weaponData = weapon.read(strings.weaponData, mapping, warn),
    familiarData = familiar.read(strings.familiarData, mapping, warn),
    extraData = extras.read(strings.extraData, mapping, lists, warn),
    elementalData = elements.read(strings.elementalData, warn),
    pinData = pins.read(strings.pinData, strings.boonData, mapping, lists, warn),
    vowData = vows.read(strings.vowData, mapping, warn),
    arcanaData = arcana.read(strings.arcanaData, mapping, lists, warn),
  }
  local total = (output.boonData.totalBoons or 0) + #output.extraData
  if output.weaponData.codeName then total = total + 1 end
  if output.familiarData.codeName then total = total + 1 end
  output.totalRunItems = tostring(total)
  return output, warn:texts()
end

return M
