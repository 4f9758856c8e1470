/// How long a client waits before it tries again. A value.
package struct ReconnectPolicy: Sendable, Equatable {
    /// Seconds within which the first retry comes, at random: clients that lost one service together do not come back together.
    package var first = 5.0
    /// Seconds before the second retry.
    package var initial = 3.1
    /// By which they grow.
    package var factor = 1.618
    /// Seconds they grow to at most.
    package var max = 90.0

    /// Part of a pause that is left out at random, for the same reason as `first`. Never longer than `max`, never so short that
    /// growing makes no difference.
    static let jitter = 0.2

    package init() {}

    /// The pauses of one series of retries, from the first after a success on.
    struct Series: Equatable {
        private var next: Double?

        /// Seconds before the next retry.
        ///
        /// - Parameter random: 0 ..< 1, another one each time.
        mutating func pause(_ policy: ReconnectPolicy, random: Double) -> Double {
            guard let full = next.map({ min($0, policy.max) }) else {
                next = policy.initial
                return policy.first * random
            }
            next = min(full * policy.factor, policy.max)
            return full * (1 - ReconnectPolicy.jitter * random)
        }
    }
}
