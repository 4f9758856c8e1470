--- Every bound of reading, classifying and sending a run, with the reason for it. What comes in was
-- written by somebody else's computer: each of these stops it from costing more than a run may.

return {
  -- Traits that are looked at in one game state. A hero late in the game carries some 150.
  traits = 1000,
  -- Entries that are looked at in a map or list beside the traits: vows, cards, pins. There are 25
  -- cards and 17 vows.
  entries = 500,
  -- Items that are looked at in one of the eight strings. The JSON of 500 boons is some 50 parts:
  -- Twitch takes 100 at once.
  items = 500,
  -- Bytes of one of the eight strings: as many as a whole request may have.
  string_bytes = 102400,
  -- Bytes of a code name. The longest of the game has 35.
  name_bytes = 64,
  -- Bytes of a number that is passed on as the text it came as: a level, a count of elements.
  number_bytes = 16,
  -- The highest level of a vow, a card or a familiar's trait in the eight strings. The game has 4.
  level_max = 100,
  -- The highest level or count that is taken for one. No game counts further, and it stays exact.
  number_max = 1000000,
  -- Warnings about one message; what is wrong a thousand times is told often enough.
  warnings = 50,
  -- Bytes of a foreign text that a warning shows.
  shown_bytes = 60,

  -- Names of traits that no rule knows, kept with an example each. A patch brings a few dozen.
  unknown_names = 300,
  -- Unknown traits that one message may report; the book would be turned over by a single one.
  unknown_per_state = 100,

  -- Lua table text: bytes, how deep its tables may be nested, and how many values it may have.
  -- A late run has 300 KB with all that its traits say, of which the rules need some 1,000 values.
  -- Whole saves are not sent: reading 20,000 values takes half of what a handler has.
  save_bytes = 1024 * 1024,
  save_depth = 32,
  save_values = 20000,

  -- The mapping file: bytes, and entries of one section. The game has 368 boons, in 300 KiB.
  mapping_bytes = 1024 * 1024,
  mapping_entries = 5000,
  -- How deep values of an entry may be nested, and elements of one list in it. The longest
  -- requirement lists some 50 boons.
  mapping_depth = 6,
  mapping_list = 200,
  -- Bytes of one text of the mapping: a viewer's card has room for a tenth.
  mapping_text_bytes = 4096,
  -- Problems of a mapping file that are told at once.
  problems = 20,

  -- One message to Twitch: bytes that it takes, and UTF-16 units of a piece, 4/5 of that without
  -- the header.
  part_bytes = 5120,
  piece_units = 4076,
  -- Bytes that a header may have: `*4294967295*998*999*` is the longest.
  header_bytes = 20,
  -- Parts of one broadcast: a larger count would not fit into the header.
  parts = 999,
}
