-- The same in gsub.
-- expect: error not possible inside

('x'):gsub('x', function() require('nightjar').wait('x') end)
