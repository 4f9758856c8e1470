local nightjar = require "nightjar"

local T = {}

-- Whoever has platforms of his own may delete the demo; then there is nothing to be tested.
local is_there = false
for _, file in ipairs(nightjar.files("platforms", ".lua")) do
  is_there = is_there or file == "demo.lua"
end
if not is_there then return T end

local demo = require "platforms.demo"

function T.anybody_may_play_the_demo()
  local user = demo.authenticate { uid = "u", token = "anything", userinfo = { name = "U" } }
  assert(user.uid == "u" and user.profile.name == "U")
end

function T.without_an_id_the_user_is_new_each_time()
  local first = demo.authenticate { uid = "", token = "" }
  local second = demo.authenticate { uid = "", token = "" }
  assert(first.uid:match("^demo%-%x+%-") and first.uid ~= second.uid)
  assert(next(first.profile) == nil)
end

function T.what_the_store_cannot_keep_is_refused()
  local user, detail = demo.authenticate { uid = "a\0b", token = "" }
  assert(user == nil and detail:find("zero byte", 1, true))
  user, detail = demo.authenticate { uid = "u", token = "", userinfo = { x = ("x"):rep(16384) } }
  assert(user == nil and detail:find("profile", 1, true))
end

return T
