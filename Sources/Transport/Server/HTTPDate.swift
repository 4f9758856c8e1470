import NIOCore
#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The `Date` header of a loop's answers, made once a second.
final class HTTPDate {
    private let eventLoop: any EventLoop
    private var madeAt = NIODeadline.uptimeNanoseconds(0)
    private var text: [UInt8] = []

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110, section 5.6.7).
    var bytes: [UInt8] {
        let now = eventLoop.now
        if text.isEmpty || now - madeAt >= .seconds(1) || now < madeAt {
            madeAt = now
            text = Array(Self.format(seconds: Int(time(nil))).utf8)
        }
        return text
    }

    static let dayNames = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    static let monthNames = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

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
