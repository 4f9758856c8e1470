--- What the back office takes and shows at a time.

return {
  -- Bytes of a report; a round with its steps has some hundred.
  body_bytes = 256 * 1024,
  -- Bytes of an id that somebody else gives: it becomes part of a key.
  id_bytes = 150,
  -- Steps of a round and marks in it that are kept; a round with more is refused, for nobody plays
  -- so many.
  steps = 10000,
  marks = 32,
  -- Levels of a jackpot.
  levels = 16,
  -- Changes that are made together in one transaction; the store takes as many. A round is six,
  -- and one for each mark in it.
  group_changes = 256,
  -- Rounds that wait for theirs; beyond it the server is told to come again later.
  waiting = 2000,
  -- Tries to change a player whom others change at the same time: one of them gets through each
  -- time, and a server tells sixteen things at once.
  tries = 20,
  -- Rows of a list.
  rows = 100,
  -- Fewer rounds say nothing about a return.
  rounds_for_verdict = 1000,
}
