-- Objects are no numbers.
-- expect: error attempt to perform arithmetic

return (...) + 1
