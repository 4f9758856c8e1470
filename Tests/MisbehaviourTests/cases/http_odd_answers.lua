-- Answers of every wrong kind.
-- trigger: get /http_odd_answers/1 => 500
-- trigger: get /http_odd_answers/2 => 500
-- trigger: get /http_odd_answers/3 => 500
-- trigger: get /http_odd_answers/4 => 500
-- trigger: get /http_odd_answers/5 => 500
-- trigger: get /http_odd_answers/6 => 500
-- trigger: get /http_odd_answers/7 => 500
-- trigger: get /http_odd_answers/8 => 500
local nightjar = require "nightjar"

local cycle = {}
cycle.self = cycle
local answers = {
  5, { status = "ok" }, { json = function() end }, { json = cycle }, { status = 99, body = "x" },
  { body = "x", headers = { ["a\r\nb"] = "c\r\nd: e" } }, setmetatable({}, { __index = function() error("no") end }),
  { body = {} },
}
nightjar.http.get("/http_odd_answers/:n", function(request) return answers[tonumber(request.params.n)] end)

return {}
