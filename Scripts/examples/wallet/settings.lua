--- Settings of the example wallet.

local settings = require "lib.settings"

local M = settings.read {
  -- Known to the casino, too. This one is for trying: it stands in a public file.
  secret = { type = "string", default = "a secret for trying out the wallet" },
  -- Players who are known beforehand: id → {token = …, balance = …, currency = …}.
  players = {
    type = "table",
    default = { kim = { token = "kim-is-here", balance = 1000000, currency = "CRE" } },
  },
  -- Whoever else comes with a token gets an account with this balance; 0: with nothing in it.
  opening_balance = { type = "integer", min = 0, max = 1000000000, default = 1000 },
}

return M
