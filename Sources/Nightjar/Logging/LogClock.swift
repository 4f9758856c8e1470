import Foundation

/// The time as log lines have it.
enum LogClock {
    /// Now as `2026-01-31T12:34:56.789Z`.
    static func utc() -> String {
        let (parts, milliseconds) = now()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T"
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(three(milliseconds))Z"
    }

    /// Now as `12:34:56.789`, UTC.
    static func timeOfDay() -> String {
        let (parts, milliseconds) = now()
        return "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)).\(three(milliseconds))"
    }

    private static func now() -> (tm, Int) {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        return (parts, time.tv_nsec / 1_000_000)
    }

    private static func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    private static func three(_ value: Int) -> String { value < 10 ? "00\(value)" : value < 100 ? "0\(value)" : "\(value)" }
}
