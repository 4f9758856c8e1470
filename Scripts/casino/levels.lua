--- How much a player spends from one level to the next. The server counts what is spent, in the
-- same transaction as the bet; here stands what it comes to.
--
-- `widths` are the credits that the first levels take: the first number leads from level 1 to level
-- 2, the next one from 2 to 3. Each level beyond them takes `step` more than the one before. With
-- these figures: 70, 100, 130, 160 …

---@class casino.Levels
---@field widths integer[] credits, at least one number
---@field step integer credits

---@type casino.Levels
return { widths = { 70 }, step = 30 }
