--- Every bound of the package, with the reason for it.

return {
  -- One message of the service, bytes. Events have 500; an echo with all characters is the longest.
  message_bytes = 1024 * 1024,
  -- How often the package looks at what is due, seconds: a subscription is on the wire by then.
  tick_seconds = 0.1,
  -- The same while no trigger wants the service: a server with nothing to do sleeps. The first
  -- trigger that comes then is late by this.
  idle_tick_seconds = 0.5,
  -- Texts sent in one tick. A thousand triggers are subscribed within a second, and no write is so
  -- large that the service takes it for a flood.
  sends_per_tick = 100,
  -- Trigger files. A folder with more is a mistake.
  files = 500,
  -- Events that the page shows, and how many can be pinned; each has some 500 bytes.
  recent_events = 200,
  pinned_events = 50,
  -- A longer text is no event; it is not shown and not pinned.
  shown_bytes = 8192,
  -- What goes to the page. JSON of more than a mebibyte is refused, so each of its parts has a
  -- bound, in bytes of JSON: together they are less than that. Events that do not fit come with the
  -- next question, triggers on the table's next page.
  page_events_bytes = 192 * 1024,
  page_triggers_bytes = 192 * 1024,
  page_trigger_bytes = 192 * 1024,
  page_part_bytes = 48 * 1024,
  pinned_bytes = 128 * 1024,
  -- Triggers on one page of the table, events that one of them names there, and bytes of a name.
  page_triggers = 200,
  page_names = 20,
  page_name_bytes = 256,
  -- Triggers whose tests are told of an event that is tried, and their bytes; the others are
  -- counted.
  page_tried = 100,
  page_tried_bytes = 768 * 1024,
  -- What is shown of a text that is too long: enough to see what it is.
  glimpse_bytes = 200,
  -- A name of the service in a message or on the page. The longest there are have 40.
  name_bytes = 64,
  -- Lines that scripts printed, for the page.
  printed_lines = 100,
  printed_bytes = 500,
  -- Times without a connection that are remembered one by one; the sum goes on.
  downtimes = 50,
  -- Differences of subscriptions and other news that the page shows.
  notes = 50,
  -- Worlds and event names whose last event is remembered. The game has seven worlds and seventeen
  -- names; whatever a broken service sends beyond that is not kept.
  worlds = 64,
  event_names = 64,
  -- Events that are remembered for two seconds, bytes: 4,000 a second besides GainExperience, more
  -- than the game has. Carried through reloads, which take 16 MiB of a package at most.
  duplicate_bytes = 4 * 1024 * 1024,
  -- While somebody records: messages that wait to be fetched, and their bytes. A reader asks four
  -- times a second.
  recording_messages = 50000,
  recording_bytes = 16 * 1024 * 1024,
  -- The latest of them, which a reload carries: what comes in the time between two questions.
  carried_bytes = 1024 * 1024,
  -- A line of a recording, and the lines of one piece: as a text in JSON they may be twice as long,
  -- and JSON of more than a mebibyte is refused. Events have 500 bytes.
  recorded_bytes = 480 * 1024,
  -- A text that is not JSON. What is longer is recorded by its beginning.
  garbage_bytes = 64 * 1024,
  -- A recorder that has not asked for so long is gone, milliseconds.
  recorder_ms = 10000,
  -- How soon after a subscription was mended the service is believed to have altered it again. One
  -- that does so with every message must not keep both busy.
  mend_ms = 10000,
  -- While a recording is replayed: turns of one timer between two of its lines. Of a gap of days
  -- nobody misses the others.
  replay_turns = 100,
  -- Ends of waits and turns of timers between two lines. A script that sleeps in a loop shall not
  -- keep a replay for ever that jumps by years.
  replay_steps = 100000,
  -- Census: ids in one request, as the service takes them; requests that wait for their turn.
  census_ids = 50,
  census_waiting = 1000,
  -- How long the first of several ids waits for others to go with it, seconds. A request takes ten
  -- times as long.
  gather_seconds = 0.01,
  -- Answers that are remembered, and how long a name may be shown that cannot be asked for again.
  census_cached = 10000,
  -- The latest of them, bytes, which a reload carries: some two thousand characters. With all else
  -- that is kept it stays far below the 16 MiB that can be carried of a package.
  census_kept_bytes = 2 * 1024 * 1024,
  census_stale_ms = 86400000,
  -- One look-up with all its retries, milliseconds: less than a handler has.
  census_ms = 20000,
}
