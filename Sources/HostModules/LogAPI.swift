import Host
import Logging
import LuaRuntime

/// `nightjar.log`: lines in the server's log, with unit and generation.
struct LogAPI: HostModule {
    var functions: [HostFunction] { Self.levels + [Self.printed, Self.listen] }

    /// Longer messages and values are cut: a log line is for a person.
    private static let bytesMax = 8_192
    private static let fieldsMax = 32

    private static let levels = [
        function("debug", .debug, "For development; not shown in production."),
        function("info", .info, "What happens in normal operation."),
        function("warn", .warning, "What is odd but handled."),
        function("error", .error, "What went wrong."),
    ]

    /// What the sandbox's `print` calls.
    private static let printed = HostFunction(
        module: "log", "print", [HostParameter("text", .string, "The line.")], isPure: true, "What `print` does: a line of level info."
    ) { call in
        write(&call, .info, fields: false)
        return .none
    }

    private static let listen = HostFunction(
        module: "log", "listen",
        [
            HostParameter(
                "handler", .function,
                """
                Gets a list of lines, in order, at most every 50 ms and never two lists at a time. A line is \
                `{time = <Unix ms>, level = "info", message = "…", text = "12:34:56:007 [INFO] … name=value", fields = \
                {name = "value"}}`, for lines of scripts with `unit` ("sync", "game joker_bingo") and `generation`. Levels: \
                trace, debug, info, warn, error. May wait.
                """),
        ],
        """
        Declares a function that gets the lines of the server's own log, as far as the configured level lets them through. Lines \
        that the function writes itself, and its errors, are only in the log. When more lines come than can be delivered, one \
        line tells how many are missing.
        """
    ) { call in
        if let refusal = call.declarationRefusal("listeners of the log") { return refusal }
        let instance = call.instance
        guard instance.registrations.logListener == nil else { return .raise("log.listen is called twice") }
        guard let handler = call.ref(0) else { return .raise("not enough memory") }
        instance.registrations.logListener = handler
        return .none
    }

    private static func function(_ name: String, _ level: Logger.Level, _ documentation: String) -> HostFunction {
        HostFunction(
            module: "log", name,
            [
                HostParameter("message", .string, "The line; without values, so that equal events have equal lines."),
                HostParameter("fields", .table, optional: true, "Values by name, shown behind the message."),
            ],
            isPure: true, documentation
        ) { call in
            write(&call, level, fields: true)
            return .none
        }
    }

    private static func write(_ call: inout HostCall, _ level: Logger.Level, fields: Bool) {
        let instance = call.instance
        let logger = instance.services.logger
        guard logger.logLevel <= level else { return }
        var metadata: Logger.Metadata = [:]
        if fields, call.kind(1) == .table {
            var count = 0
            call.forEachPair(1) { key, value in
                guard count < fieldsMax, let name = call.string(key) else { return }
                count += 1
                metadata[name] = .string(text(call, value))
            }
        }
        // Last, so that no field of a script stands in for them.
        metadata["unit"] = "\(instance.id)"
        metadata["generation"] = "\(instance.number)"
        let message = cut(call.withBytes(0) { String(decoding: $0.prefix(bytesMax + 1), as: UTF8.self) } ?? "")
        logger.log(level: level, "\(message)", metadata: metadata)
    }

    private static func text(_ call: borrowing HostCall, _ index: Int) -> String {
        if let text = call.string(index) { return cut(text) }
        if let json = try? call.json(index) { return cut(String(decoding: json, as: UTF8.self)) }
        return "(not plain data)"
    }

    private static func cut(_ text: String) -> String {
        text.utf8.count <= bytesMax ? text : String(decoding: text.utf8.prefix(bytesMax), as: UTF8.self) + "…"
    }
}
