import Glibc

/// The kernel's tick count as a time: some milliseconds exact, a few nanoseconds to read. Tells on the hot path that it is
/// worth looking at a real clock.
enum CoarseClock {
    @inline(__always)
    static func now() -> Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC_COARSE, &time)
        return time.tv_nsec
    }
}

/// What the calling thread has computed so far. A system call, so not for every message.
enum ProcessorClock {
    /// Nanoseconds.
    static func now() -> Int64 {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
