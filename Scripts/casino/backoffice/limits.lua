--- How long the back office is waited for, and how much is asked of it at a time.

return {
  -- A person waits for a log-in; who does not answer by then is away.
  register_seconds = 4,
  -- For everything else nobody waits. Shorter than what a handler may take in all.
  request_seconds = 10,
  -- Bytes of an id that the back office gives to a session or a player; the host keeps none that
  -- is longer.
  id_bytes = 200,
  -- Bytes of an answer: a site's settings are the largest.
  answer_bytes = 1 << 20,

  -- Between two looks at what is to be told.
  look_seconds = 1,
  -- In one look new requests are begun for so long; with the last of them it ends in time.
  turn_ms = 12000,
  -- Requests at a time: a back office that needs 50 ms for each hears of 320 rounds a second.
  lanes = 16,
  -- Items that are fetched from the outbox together.
  batch = 200,

  -- The pause after a failure doubles from the first to the last of these.
  pause_first = 1,
  pause_last = 300,

  -- Between two looks at what has become of the jackpots.
  jackpot_seconds = 5,

  -- A site's settings are asked for again so often.
  site_seconds = 60,
  -- A site that the back office does not know is not asked for again for so long; names that are
  -- remembered for it, a few kilobytes.
  unknown_ms = 30000,
  unknown_sites = 1000,
  -- Sites that are asked for at the same time because somebody wants to see them, in all and for
  -- one address. Anybody can make up names, and each question may hold one of the 64 connections to
  -- the back office for `register_seconds`: the others are for players and for what is to be told.
  site_asks = 16,
  site_asks_per_address = 4,
  -- Those who wait for what somebody else has asked, a coroutine each; all who come to a new site
  -- within a second.
  site_waiters = 1000,
  site_waiters_per_address = 100,
  -- A session that was registered late is ended after so long without a report of it.
  late_ms = 600000,
  -- Sessions of the process before that are ended in one change of the store: two changes each, and
  -- it takes 256.
  ended_at_once = 128,
}
