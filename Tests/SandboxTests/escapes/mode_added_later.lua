-- 983bc433: a table does not become weak afterwards, so what its metatable holds stays.
-- expect: memory
-- limits: memory=4MiB deadline=2000ms

local m = {}
local t = setmetatable({}, m)
m.__mode = "kv"
t.kept = {}
collectgarbage("count")
for i = 1, 20000 do local _ = { i } end
assert(t.kept)
local weak = {}
local w = setmetatable({}, weak)
weak.__mode = "k"
weak.__newindex = setmetatable({}, { __newindex = {} })
local hold = {}
for i = 1, 1e8 do
  w[i] = { i }
  hold[i] = ("x"):rep(200) .. i
end
