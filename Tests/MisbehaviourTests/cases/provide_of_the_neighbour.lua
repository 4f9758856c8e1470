-- Provides the function of the healthy neighbour.
-- expect: refused neighbour
local nightjar = require "nightjar"

nightjar.provide("neighbour.echo", function() return "stolen" end)
return {}
