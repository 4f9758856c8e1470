-- Large errors, caught for ever.
-- expect: timeout
-- limits: memory=64MiB

local s = ("\xff"):rep(4 << 20)
while true do
  pcall(error, s)
  xpcall(error, function() end, { message = s })
end
