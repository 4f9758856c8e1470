--- Every bound of the queues, with the reason for it. Those from the settings can be changed in
-- config.json under `packages.gateway`; their ranges are in settings.lua.

local settings = require "settings"

return {
  -- Messages in one queue. A queue that is longer has nobody who reads it.
  messages = settings.queue_messages,
  -- Bytes in one queue; they lie on disk.
  bytes = settings.queue_bytes,
  -- Messages in all queues together. Each needs about a hundred bytes of memory, all of which is
  -- handed over when a script is saved.
  messages_of_all = 100000,
  -- Queues at a time, those of dead letters not counted. One per service type is usual.
  queues = settings.queue_count,
  -- One message with its topic and all, bytes. A queue is for work to do, not for files.
  message_bytes = settings.queue_message_bytes,
  -- A sender's own id for a message, bytes. A UUID has 36.
  id_bytes = 128,
  -- Ids that are remembered, of all queues together: a sender that got no answer should repeat its
  -- message before so many others have come.
  ids = settings.queue_ids,
  -- A message that failed so often is a dead letter.
  attempts = settings.queue_attempts,
  -- Dead letters of one queue; beyond it the oldest are thrown away.
  dead = settings.queue_dead_messages,
  -- Messages one subscriber may hold without having acknowledged them.
  prefetch = settings.queue_prefetch,
  prefetch_most = 256,
  -- Time to acknowledge, milliseconds. An hour is longer than a service should work on one message.
  timeout_ms = settings.queue_timeout_ms,
  timeout_least_ms = 100,
  timeout_most_ms = 3600000,
  -- How long a message may be put off, milliseconds.
  delay_most_ms = 3600000,
  -- Subscribers of one queue: finding the next one who has room looks at all of them at worst.
  consumers = 1000,
  -- Puts of one connection that are being stored. Enough to keep the disk busy; a sender that has
  -- more under way waits.
  puts_of_one = 64,
  -- The same of all connections: each is a coroutine, of which a package may have 20,000.
  puts_of_all = 4096,
  -- Bytes of bodies that are kept in memory until they are delivered for the first time.
  cache_bytes = 8 * 1024 * 1024,
  -- Messages handed out before others get their turn, and their bytes.
  turn_messages = 64,
  turn_bytes = 4 * 1024 * 1024,
  -- Chores written together with one sync; each is at most three changes, of which a batch has 256.
  chores = 80,
  -- Rows read at a time when the server starts.
  page = 500,
  -- How long messages wait for that, seconds; then they are refused.
  start_seconds = 10,
  -- A put that the store has not answered by then is given up, milliseconds. Longer than a handler
  -- may wait.
  put_ms = 60000,
  -- How often time-outs are looked at, seconds. A time-out is late by at most this.
  sweep_seconds = 0.1,
  -- The same while there is no queue: a server with nothing to do sleeps.
  idle_sweep_seconds = 1,
}
