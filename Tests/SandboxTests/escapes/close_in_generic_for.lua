-- The fourth value of for.
-- expect: ends

for i in next, {1, 2}, nil, setmetatable({}, {__close = function() error('closed') end}) do break end
