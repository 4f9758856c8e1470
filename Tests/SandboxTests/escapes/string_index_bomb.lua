-- A trap in the string library strikes its author.
-- expect: timeout

string.bomb = setmetatable({}, {__index = function() while true do end end}) return ('x').bomb.x
