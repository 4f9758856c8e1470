--- Purchases: what a player gets for what was paid, or would have been.
--
-- Whoever takes a purchase, a session's component or a page that a payment service calls, asks
-- here. The platform's hook decides and says which entries the account gets; the host books them,
-- all or none. A platform without a hook sells nothing.

local M = {}

--- What is to be bought.
---@class casino.Order
---@field kind string what sort of purchase, like "manual_buy"; the entry's kind in the journal
---@field amount integer credits
---@field id? string names the purchase where it was paid, so that it is booked once

---@class casino.Entry
---@field kind string
---@field amount integer credits; what is taken is negative

--- What a purchase is about.
---@class casino.Purchase
---@field session casino.Session
---@field site casino.Site
---@field order casino.Order

--- nil, code, detail: nothing is bought.
---@alias casino.PurchaseHook fun(purchase: casino.Purchase): casino.Entry[]?, string?, string?

-- As much as one purchase may bring: it keeps a slip of a client from filling an account for good.
M.AMOUNT_MAX = 1000000000

--- The hook for trying things out: gives what was asked for, where the site lets clients make
-- credits (`manual_credits`) or the server runs in development mode.
---@param debug boolean
---@return casino.PurchaseHook
function M.for_trying(debug)
  return function(purchase)
    if not debug and not purchase.site.manual_credits then
      return nil, "component_error", "this site sells nothing by hand"
    end
    return { { kind = purchase.order.kind, amount = purchase.order.amount } }
  end
end

--- Asks the platform's hook.
---@param platform casino.Platform
---@param purchase casino.Purchase
---@return casino.Entry[]? entries nil when nothing is bought
---@return string? code
---@return string? detail
function M.ask(platform, purchase)
  local amount = purchase.order.amount
  if math.type(amount) ~= "integer" or amount < 1 or amount > M.AMOUNT_MAX then
    local wanted = "amount must be a whole number from 1 to " .. M.AMOUNT_MAX
    return nil, "component_error", wanted
  end
  if not platform.purchase then
    return nil, "component_error", "nothing is sold on this platform"
  end
  return platform.purchase(purchase)
end

return M
