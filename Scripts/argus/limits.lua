--- Every bound of the package, with the reason for it. Those of the readers and parsers are in
-- bounds.lua.

return {
  -- A body of `/run_info` with the eight strings, bytes: what the original server's body parser
  -- calls "100 kB". All other bodies are shorter than that.
  body_bytes = 102400,
  -- The same with the game's raw tables, which are longer: a late run has some 300 KB of traits.
  game_state_bytes = 1024 * 1024,
  -- How long the last state of a channel is shown to who asks for it, milliseconds.
  run_ms = 600000,
  -- How often the newest states go to the store, seconds: what a crash may cost. A room of the game
  -- lasts for longer.
  save_seconds = 5,
  -- Channels in one change of the store, which takes 256 pieces, two for each; and bytes of their
  -- states, of the 4 MiB that it takes.
  saved_at_once = 100,
  saved_bytes = 2 * 1024 * 1024,
  -- Channels whose last state is remembered. Each has some 2 KB of strings, and a reload carries at
  -- most 16 MiB of what a package keeps.
  channels = 4000,
  -- How often the package looks at what is due, seconds: a state that had to wait is on its way by
  -- then. Less than the eye sees, and a hundred times as long as a look takes.
  tick_seconds = 0.05,
  -- The same while no state waits and nobody looks: a server with nothing to do sleeps.
  idle_tick_seconds = 0.5,

  -- Twitch takes so many messages at once for a channel, and one more each second. Parts count.
  bucket_tokens = 100,
  -- A token is used so much later than it came, milliseconds: what was sent in time may arrive
  -- closer together than it left.
  bucket_margin_ms = 100,
  -- A state with more parts is no run; it would use up what the channel may send for minutes.
  parts = 50,
  -- Parts under way at a time, all channels together. The host takes 1,000 requests of a package.
  parts_under_way = 600,
  -- How long the newest state waits for the answer to the one before, milliseconds, so that Twitch
  -- does not hand out the older one last.
  order_ms = 1000,
  -- A request to Twitch, seconds.
  twitch_seconds = 5,
  -- Bytes of an answer of Twitch; it says a few words.
  twitch_bytes = 65536,
  -- Characters of Twitch's words in a line of the log.
  logged_characters = 300,
  -- A name that could not be looked up is looked up again after so long, milliseconds.
  name_again_ms = 600000,
  -- Look-ups of names under way at a time.
  names_under_way = 20,

  -- Logins that wait for their client, and how long, seconds. A client asks for 60 s.
  pending_logins = 10000,
  pending_seconds = 600,
  -- Channels whose logins were ended, and how long that is remembered, milliseconds: until no login
  -- of before can go on, which Twitch has been asked about for a while and which has waited then.
  erased_channels = 1000,
  erased_ms = 660000,
  -- A client's `state` has 32 digits; others may make longer ones.
  state_bytes = 128,
  -- What Twitch calls a picture is an address; a longer one is none.
  picture_bytes = 2000,

  -- Overlays that are open at a time: of one channel, and of all.
  viewers_of_channel = 500,
  viewers = 20000,
  -- The longest delay of an overlay, seconds. Streams have up to 15 minutes, most much less.
  delay_seconds = 600,
  -- An overlay gets at most a state each so many milliseconds: a room of the game lasts for half a
  -- minute, so only a flood of runs is thinned out, and does not become a flood of messages.
  overlay_ms = 250,
  -- What an overlay says; nothing, in fact.
  overlay_bytes = 1024,
  -- Redrawn in one look after a reload, so that others come in between.
  redrawn_per_tick = 40,
  -- States of a channel that delayed overlays wait for: one a second is kept, and when there are
  -- more, every second of the older ones is left out.
  history_states = 240,
  -- Bytes of all of them. Fifty streams with a new room each minute and a delay of ten minutes
  -- have about 1 MB.
  history_bytes = 4 * 1024 * 1024,
  -- How long a channel's states are kept after its last delayed overlay has gone, milliseconds:
  -- streaming programs open their pages anew.
  history_ms = 900000,

  -- Wrong keys, tokens and tickets in a minute from which on the log has them: a streamer's program
  -- with an old address asks a few times.
  told_guesses = 300,
  -- Warnings about one run that are told in the log; the rest is counted.
  warnings = 5,
  -- Channels of the dashboard between two pauses, so that others come in between.
  dashboard_channels = 10,
  -- While somebody records: payloads that wait to be fetched, and their bytes. A reader asks four
  -- times a second.
  recording_lines = 20000,
  recording_bytes = 16 * 1024 * 1024,
  -- The latest of them, which a reload carries: what comes in the time between two questions.
  carried_bytes = 1024 * 1024,
  -- A recorder that has not asked for so long is gone, milliseconds.
  recorder_ms = 10000,
}
