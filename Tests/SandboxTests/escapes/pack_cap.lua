-- One pack cannot hold a gigabyte.
-- expect: error too large

return string.pack('c1000000000', 'x')
