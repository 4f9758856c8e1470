-- Only strings and numbers.
-- expect: error invalid value (at index 2)

return table.concat({1, {}, 3})
