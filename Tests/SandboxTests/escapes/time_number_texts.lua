-- Reading a number of megabytes again and again.
-- expect: timeout
-- limits: memory=64MiB

local s = ("0"):rep(8 << 20)
while true do
  tonumber(s)
  tonumber(s, 16)
  math.floor(s)
  pcall(function() return s + s end)
end
