internal import CLuaShim

/// What the watchdog of the time limits has seen, in all states of the process. For tests and measurements.
public enum SliceWatch {
    /// By how much a slice was over its limit at most since this was last read, processor time. Slices are looked at every 2 ms.
    public static func takeLongestOver() -> Duration { .nanoseconds(nj_watch_longest_over()) }
}
