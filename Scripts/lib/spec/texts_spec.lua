-- Texts for people.

local equal = require("lib.testing").equal
local texts = require "lib.texts"

local T = {}

function T.cut_where_a_character_ends()
  equal(texts.cut("abc", 3), "abc")
  equal(texts.cut("abcd", 3), "abc")
  equal(texts.cut("aéé", 4), "aé")
  equal(texts.cut("aéé", 3), "aé")
  equal(texts.cut("a😀", 4), "a")
  equal(texts.cut("😀", 2), "")
end

function T.always_utf8()
  equal(texts.valid "é", "é")
  equal(texts.valid "a\xff\xfeb", "a??b")
  equal(texts.cut("\x80\x80\x80\x80", 2), "")
  equal(texts.cut("\xff\xff\xff\xff", 2), "??")
end

return T
