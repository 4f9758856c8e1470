import Logging
import Transport

/// The access log: each answered request is a line with this label. Paths come without their query.
enum AccessLog {
    static let label = "nightjar.access"

    /// What the transport calls; nil: the log is off.
    static func listener(isOn: Bool) -> (@Sendable (AccessEntry) -> Void)? {
        guard isOn else { return nil }
        let logger = Logger(label: label)
        return { entry in
            logger.info("\(entry.method) \(entry.path)", metadata: [
                "listener": "\(entry.listener)", "remote": "\(entry.remote)", "status": "\(entry.status)", "bytes": "\(entry.bytes)",
                "microseconds": "\(entry.microseconds)",
            ])
        }
    }
}
