-- Errors pass through sort.
-- expect: error out of order

table.sort({3, 2, 1}, function() error('out of order', 0) end)
