--- Session component `fb_social`: credits that a client gives itself while a game is being tried
-- out, and the player's level.
--
-- `{"what": "manual_buy", "amount": 500}` adds credits, `{"what": "set_credits", "amount": 500}`
-- (or `credits`) replaces them. Both let a client make money, so they are taken only in development
-- mode or where the site says `"manual_credits": true`.
--
-- The level rises with what is spent; it stands in the player's data as `soc_level`,
-- `soc_level_progress` (also as `soc_level_prog`) and `spend_total`.

local nightjar = require "nightjar"
local purchases = require "purchases"

---@type casino.Component
local M = {}

M.levels = require "levels"

--- Reads a whole number: 4 and 4.0 are both fine in JSON. Nil when it is none.
local function whole(value)
  return type(value) == "number" and math.tointeger(value) or nil
end

local function refuse(detail) return nil, "component_error", detail end

-- What is done, by `what`. Each gets session, message, place.
local operations = {}

--- A purchase like any other: the platform's hook says what it brings.
function operations.manual_buy(session, message, place)
  local entries, code, detail = purchases.ask(place.platform, {
    session = session, site = place.site,
    order = { kind = "manual_buy", amount = whole(message.amount) },
  })
  if not entries then return nil, code, detail end
  return { entries = entries }
end

function operations.set_credits(_, message, place)
  if not (nightjar.debug or place.site.manual_credits) then
    return refuse("this site lets nobody change credits")
  end
  local given = message.amount
  if given == nil then given = message.credits end
  local amount = whole(given)
  if not amount or amount < 0 or amount > purchases.AMOUNT_MAX then
    return refuse("amount must be a whole number from 0 to " .. purchases.AMOUNT_MAX)
  end
  -- A bet may be played before this is: what is replaced is the balance there is then.
  return { entries = { { kind = "set_credits", to = amount } } }
end

function M.message(session, message, place)
  local operation = operations[message.what]
  if not operation then return refuse('what must be "manual_buy" or "set_credits"') end
  return operation(session, message, place)
end

return M
