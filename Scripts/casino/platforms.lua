--- The platforms: where users come from. A file each in `platforms/`, named as the start message of
-- a session names the platform; a new file is a new platform as soon as it is saved.
--
-- A platform says how it knows its users, which wallet they play from, what their sessions can do
-- besides, and what its page shows. See docs/casino.md.

local nightjar = require "nightjar"
local nearest = require "lib.nearest"

local M = {}

--- What a client has sent to be known by.
---@class casino.Credentials
---@field platform string
---@field site string
---@field uid string the user's id at the platform; "" if the client gave none
---@field token string what the platform has given the client; "" if it gave none
---@field remote? string the client's address, or a proxy's
---@field userinfo? table the platform's own profile of the user, as the client says

--- Whom the platform vouches for.
---@class casino.User
---@field uid string not empty, up to 256 bytes: with the platform's name the key of the account
---@field profile table what is known about the user, up to 16 KiB as JSON

---@alias casino.WalletKind "stored"|"memory"|"remote"

--- Who is it? nil and a detail for the log: nobody we know. nil, words for the player, "internal":
--- it cannot be told now. May wait.
---@alias casino.Authenticate fun(credentials: casino.Credentials): casino.User?, string?, string?

---@class (exact) casino.Platform
---@field authenticate casino.Authenticate
---@field wallet? casino.WalletKind where the credits are; "stored" if it says nothing
---@field components? string[] names of `components/`: what sessions can do besides what all can
---@field portal? casino.Portal the page that players come to
---@field purchase? casino.PurchaseHook what becomes of a purchase; without it nothing can be bought
---@field off? string why nobody can come from here as things are configured; nil: all is well

-- What every session has, wherever its user comes from.
M.EVERYWHERE = { "jackpot", "userdata" }

M.WALLETS = { "memory", "remote", "stored" }

local KINDS = {
  authenticate = "function", wallet = "string", components = "table", portal = "table",
  purchase = "function", off = "string",
}

local PORTAL_KINDS = {
  visitor = "function", login_url = "string", values = "table", form = "boolean", frames = "table",
}

local COMPONENT_KINDS = { message = "function", levels = "table" }

local function keys_of(map)
  local keys = {}
  for key in pairs(map) do keys[#keys + 1] = tostring(key) end
  table.sort(keys)
  return keys
end

-- What is wrong with the members of a table, and the member; nil: they are of these kinds.
local function odd_member(object, kinds)
  for _, name in ipairs(keys_of(object)) do
    local kind = kinds[name]
    if not kind then
      return ("unknown member \"%s\"%s"):format(name, nearest.hint(name, keys_of(kinds))), name
    elseif type(object[name]) ~= kind then
      return ("\"%s\" must be a %s"):format(name, kind), name
    end
  end
  return nil
end

local function contains(list, wanted)
  for _, value in ipairs(list) do
    if value == wanted then return true end
  end
  return false
end

--- What is wrong with a platform, in words; nil: it is in order.
---@param platform any what the file returns
---@param components table<string, any> all there are, by name
---@return string? problem
---@return string? word what to look for in the file
function M.problem(platform, components)
  if type(platform) ~= "table" then return "must return a table" end
  local problem, word = odd_member(platform, KINDS)
  if problem then return problem, word end
  if not platform.authenticate then return "\"authenticate\" is missing: who may play?" end
  if platform.wallet and not contains(M.WALLETS, platform.wallet) then
    local hint = nearest.hint(platform.wallet, M.WALLETS)
    return ("there is no wallet \"%s\"%s"):format(platform.wallet, hint), platform.wallet
  end
  for _, name in ipairs(platform.components or {}) do
    if not components[name] then
      local hint = nearest.hint(name, keys_of(components))
      return ("there is no component \"%s\"%s"):format(name, hint), name
    end
  end
  problem, word = odd_member(platform.portal or {}, PORTAL_KINDS)
  return problem and "\"portal\": " .. problem, word
end

--- What is wrong with a component, in words; nil: it is in order.
---@param component any what the file returns
---@return string? problem
---@return string? word what to look for in the file
function M.component_problem(component)
  if type(component) ~= "table" then return "must return a table" end
  local problem, word = odd_member(component, COMPONENT_KINDS)
  if problem then return problem, word end
  if not component.message then return "\"message\" is missing: what does it do?" end
  return nil
end

--- Says what is wrong with a file of this package, at the line that has the word.
---@param file string like "platforms/demo.lua"
---@param problem string
---@param word? string
function M.mistake(file, problem, word)
  local line, found = 1, nil
  for text in (nightjar.data(file) .. "\n"):gmatch "([^\n]*)\n" do
    if word and text:find("%f[%w_]" .. word:gsub("%W", "%%%0") .. "%f[^%w_]") then
      found = line
      break
    end
    line = line + 1
  end
  nightjar.casino.mistake("Scripts/casino/" .. file, found or 1, problem)
end

--- Takes up a platform: with everything said that its file may leave out.
---@param platform casino.Platform
---@return casino.Platform
function M.complete(platform)
  local made = {}
  for key, value in pairs(platform) do made[key] = value end
  made.wallet = platform.wallet or "stored"
  made.components = {}
  for _, list in ipairs { M.EVERYWHERE, platform.components or {} } do
    for _, name in ipairs(list) do
      if not contains(made.components, name) then table.insert(made.components, name) end
    end
  end
  table.sort(made.components)
  return made
end

--- What to say of a platform that nobody has a file for.
---@param name string
---@param known string[] those that there are, sorted
---@return string
function M.unknown(name, known)
  local meant = nearest.find(name, known)
  local hint = meant and ("; did you mean \"%s\"?"):format(meant) or ""
  local list = #known > 0 and "there are " .. table.concat(known, ", ") or "there is none at all"
  return ("there is no platform \"%s\", %s%s"):format(name, list, hint)
end

-- The first page that people can come to: the demo's, as long as there is one.
local function front_of(all)
  if all.demo then return "demo" end
  for _, name in ipairs(keys_of(all)) do
    if all[name].portal and not all[name].off then return name end
  end
  return nil
end

--- The platform that a site is made for if it names none: `demo`, and where nobody can come from
--- there, the one in front.
---@param all table<string, casino.Platform> by name
---@param front string? see `M.load_all`
---@return string?
function M.of_sites(all, front)
  if all.demo and not all.demo.off then return "demo" end
  return front
end

--- Which of the platforms are open, and which is the front page.
---@param all table<string, casino.Platform> by name
---@param wanted string[] as the operator has set it; empty: all
---@return string? front
local function choose(all, wanted)
  for _, name in ipairs(wanted) do
    if not all[name] then
      nightjar.config.mistake("platforms", M.unknown(name, keys_of(all)))
    end
  end
  if #wanted == 0 then return front_of(all) end
  for name, platform in pairs(all) do
    if not contains(wanted, name) then platform.off = "the setting \"platforms\" leaves it out" end
  end
  return wanted[1]
end

--- Loads all platforms.
---@param components table<string, any> all components there are, by name
---@param wanted string[] those that are open; empty: all
---@return table<string, casino.Platform> all by name
---@return string? front name of the one whose page is the server's front page; nil: there is none
function M.load_all(components, wanted)
  local all = {}
  for _, file in ipairs(nightjar.files("platforms", ".lua")) do
    local name = file:sub(1, -5)
    local platform = require("platforms." .. name)
    local problem, word = M.problem(platform, components)
    if problem then
      M.mistake("platforms/" .. file, problem, word)
    else
      all[name] = M.complete(platform)
    end
  end
  return all, choose(all, wanted)
end

--- What an operator should know of the platforms that are open; nil: nothing.
---@param all table<string, casino.Platform> by name
---@param wanted string[] those that are open; empty: all
---@return string?
function M.warning(all, wanted)
  if #wanted > 0 or not all.demo then return nil end
  for name, platform in pairs(all) do
    if name ~= "demo" and not platform.off then
      return "besides the users of " .. name .. " anybody may play, on the platform demo: "
        .. "the setting \"platforms\" of casino says who may come"
    end
  end
  return nil
end

--- Can a session on this platform send messages to the component?
---@param platform casino.Platform
---@param component string
---@return boolean
function M.offers(platform, component) return contains(platform.components, component) end

return M
