--- Every bound of the gateway, with the reason for it.

return {
  -- One message, bytes. As the protocol says.
  message_bytes = 1024 * 1024,
  -- Name of a client, of a service type, of a pool. Long enough for any host name's first label;
  -- short enough for keys of the store.
  name_bytes = 128,
  -- A socket that has not identified itself by then is closed, milliseconds.
  identify_ms = 10000,
  -- Messages in a row that are no envelope; with the last one the socket is closed.
  decode_errors = 3,
  -- A ticket from POST /gateway is good for this long, milliseconds.
  ticket_ms = 30000,
  -- Tickets not yet used. Everybody who may identify can ask for them as fast as HTTP allows.
  tickets = 10000,
  -- A service that was told to shut down is closed after this time, milliseconds.
  shutdown_ms = 10000,
  -- Pools that are remembered. One per bot; nobody runs a thousand bots over one gateway.
  pools = 1000,
  -- Shards of one pool. Twice what the largest bots need; a pool is stored as one value.
  shards = 1024,
  -- Names per pool of which the last shard is remembered.
  remembered = 1024,
  -- Topics that are counted by name; the others are counted together as "other". Each is a metric,
  -- and a package may have 200 of those.
  topics = 100,
  -- Names and topics whose JSON text is remembered, and how long these may be. Some hundred
  -- kilobytes; more topics than services use.
  quoted = 1000,
  quoted_bytes = 200,
  -- How often time-outs are looked at, seconds. A time-out is late by at most this.
  sweep_seconds = 0.5,
  -- WebSocket pings, and how long their answer may take, seconds.
  ping_seconds = 30,
  pong_seconds = 90,
}
