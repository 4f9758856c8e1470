-- __eq is the author's own affair.
-- expect: ok

local mt = {__eq = function() return true end} assert(setmetatable({}, mt) == setmetatable({}, mt)) assert(not rawequal({}, {}))
