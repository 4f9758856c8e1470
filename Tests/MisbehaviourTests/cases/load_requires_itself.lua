-- Modules that require each other.
-- expect: refused modules require each other: other -> third -> other
local other = require "other"
return { other = other }
--@ Scripts/load_requires_itself/other.lua
local third = require "third"
return { third = third }
--@ Scripts/load_requires_itself/third.lua
local other = require "other"
return { other = other }
