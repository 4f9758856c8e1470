-- Decoding the most that is taken: a table for every three bytes.
-- expect: timeout
-- limits: memory=256MiB

local json = require("nightjar").json
local text = "[" .. ("{},"):rep(300000) .. "{}]"
while true do json.decode(text) end
