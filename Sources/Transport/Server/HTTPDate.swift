import NIOCore
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The last lines of every answer's head: the `Date`, made once a second, and what is the same on all of them.
final class HTTPDate {
    private var madeAt = Int.min
    // Memory of its own: of an array a reference would be counted per answer.
    private let room = UnsafeMutableRawBufferPointer.allocate(byteCount: tailBytesMax, alignment: 1)
    private var count = 0

    /// Bytes of the lines, and a little more.
    private static let tailBytesMax = 128

    init() {}

    deinit { room.deallocate() }

    /// The lines and the empty one behind them; valid until the next call.
    var tail: UnsafeRawBufferPointer {
        // The kernel's count of seconds: no more than a load.
        let now = Int(time(nil))
        if now != madeAt { make(now) }
        return UnsafeRawBufferPointer(rebasing: room[..<count])
    }

    private func make(_ now: Int) {
        madeAt = now
        // A browser must not guess that what is sent as text or data is a page or a script.
        let text = "x-content-type-options: nosniff\r\ndate: \(Self.format(seconds: now))\r\n\r\n"
        count = min(text.utf8.count, room.count)
        room.copyBytes(from: text.utf8.prefix(count))
    }

    static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    /// - Parameter seconds: Since 1970.
    static func format(seconds: Int) -> String {
        var moment = time_t(seconds)
        var parts = tm()
        gmtime_r(&moment, &parts)
        func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
        return "\(dayNames[Int(parts.tm_wday)]), \(two(parts.tm_mday)) \(monthNames[Int(parts.tm_mon)]) "
            + "\(parts.tm_year + 1900) \(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec)) GMT"
    }
}
