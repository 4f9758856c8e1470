-- A plain search goes over large strings piece by piece and misses nothing where the pieces meet.
-- expect: ok
-- limits: memory=64MiB deadline=5000ms

local step = 1 << 20
for _, what in ipairs({ "b", "bc", ("b"):rep(1000), ("b"):rep(step + 5) }) do
  for _, at in ipairs({ 1, step - 500, step - 1, step, step + 1, 2 * step, 2 * step + 3 }) do
    local s = ("a"):rep(at - 1) .. what .. "a"
    local from, to = s:find(what, 1, true)
    assert(from == at and to == at + #what - 1)
    assert(s:sub(1, -3):find(what, 1, true) == nil)
  end
end
