-- Compiling the most that may be loaded, in its slow forms.
-- expect: timeout
-- limits: memory=64MiB

local labels = ""
for i = 1, 4000 do labels = labels .. "::a" .. i .. ":: " end
local nested = "local a = 1 " .. ("do local a = a "):rep(180) .. ("end "):rep(180)
while true do
  load(labels)
  load(nested)
  load("return " .. ("1+"):rep(30000) .. "1")
end
