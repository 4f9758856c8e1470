-- The error names the loop.
-- expect: timeout

-- line one

local function spin()
  while true do end
end
spin()
