--- What a set of triggers may hold at most, and why.

return {
  -- Triggers of one set, and their filters and tests in `where` together. All files of a package
  -- load within 100 ms of work; so many take about half of it, and nearly all on a machine that is
  -- busy. An error of ours names the line that adds one too many, the end of those 100 ms names any
  -- line. A bot has dozens; a loop that adds one per event shows here.
  triggers = 1500,
  all_tests = 6000,
  -- Events, or values of one filter or list, that a trigger names.
  names = 10000,
  -- Tests in `where` and conditions of one trigger: each has a counter and a kept event.
  tests = 32,
  -- Actions that run at the same time. Most wait for an answer from elsewhere; more at once would
  -- only make that service slower.
  running = 256,
  -- Actions that wait for their turn, and the bytes of their events: some seconds of the worst
  -- storm. What is older then is no news any more. They are carried through reloads (16 MiB at most
  -- for all that a package keeps).
  waiting = 10000,
  waiting_bytes = 4 << 20,
  -- Bytes of an event's text that a trace keeps. Longer ones are remembered by their time only.
  trace_bytes = 2048,
  -- A condition that took too long so often, without an answer between, is not asked for a minute:
  -- each time costs all that a handler may work, so one such trigger would take what others need.
  overruns = 3,
  overrun_pause_ms = 60000,
  -- Conditions that may take too long while one event is tried with all triggers: a second, or two.
  -- The conditions behind are not asked.
  tried_overruns = 20,
  -- Lines in the log about the same thing, a minute; the others are counted.
  warnings = 10,
  -- One event in so many has the time of its conditions measured.
  sample = 64,
}
