--- The kinds of money a wallet can hold.
--
-- A balance is a whole number of the smallest unit; what stands here says how it is shown and what
-- the back office calls it.

---@class casino.Denomination
---@field name string key of the wallet
---@field prefix string shown before an amount
---@field suffix string shown after it
---@field integer boolean show amounts without decimals?
---@field money_multiplier number from credits to money
---@field rgs_id string name at the back office

---@type table<string, casino.Denomination>
return {
  credit = {
    name = "credit", prefix = "", suffix = "", integer = true, money_multiplier = 1, rgs_id = "CRE",
  },
  usd = {
    name = "usd", prefix = "US$ ", suffix = "", integer = false, money_multiplier = 0.01,
    rgs_id = "USD",
  },
  brl = {
    name = "brl", prefix = "R$ ", suffix = "", integer = false, money_multiplier = 0.01,
    rgs_id = "BRL",
  },
}
