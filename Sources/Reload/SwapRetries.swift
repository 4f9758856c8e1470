import Host
import NIOCore

/// When a unit whose swap ran out of time is tried again. A value without a clock.
struct SwapRetries {
    /// Tries that follow a failure by themselves. Together with the pauses: half a minute of loops that are too busy is no
    /// coincidence any more, and a person should look.
    static let triesMax = 6
    /// Before the first one; doubled from try to try.
    static let firstPause: TimeAmount = .milliseconds(500)

    private var tries: [UnitID: Int] = [:]

    init() {}

    /// A swap ran out of time.
    ///
    /// - Returns: How long to wait before the next try; nil: no further try by itself.
    mutating func failed(_ unit: UnitID) -> TimeAmount? {
        let number = tries[unit, default: 0]
        guard number < Self.triesMax else { return nil }
        tries[unit] = number + 1
        return .nanoseconds(Self.firstPause.nanoseconds << Int64(number))
    }

    /// The unit was loaded, refused for another reason, or removed.
    mutating func ended(_ unit: UnitID) { tries[unit] = nil }
}
