import Host
import Logging
import LuaRuntime

/// `nightjar.log`: lines in the server's log, with unit and generation.
struct LogAPI: HostModule {
    var functions: [HostFunction] { Self.levels + [Self.printed, Self.listen] }

    /// Longer messages and values are cut: a log line is for a person.
    private static let bytesMax = 8_192
    private static let fieldsMax = 32
    /// Bytes of JSON that the tables among the fields of one line may take before the rest is left out: each is written whole
    /// before it is cut.
    private static let writtenBytesMax = 64 * 1_024

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
        let generation = call.generation
        guard generation.registrations.logListener == nil else { return .raise("log.listen is called twice") }
        guard let handler = call.ref(0) else { return .raise("not enough memory") }
        generation.registrations.logListener = handler
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
        let generation = call.generation
        guard generation.services.logger.logLevel <= level else { return }
        generation.log(level, text(call, 0) ?? "", fields && call.kind(1) == .table ? Self.fields(call) : [:])
    }

    /// The first ``fieldsMax`` fields, ended early when their values took ``writtenBytesMax``.
    private static func fields(_ call: borrowing HostCall) -> Logger.Metadata {
        var metadata: Logger.Metadata = [:]
        var seen = 0
        var written = 0
        var pair = call.view.nextPair(1, after: nil)
        while let key = pair, seen < fieldsMax, written <= writtenBytesMax {
            seen += 1
            if let name = text(call, key) { metadata[name] = .string(value(call, key + 1, &written)) }
            pair = call.view.nextPair(1, after: key)
        }
        if pair != nil { metadata["more_fields"] = "left out" }
        return metadata
    }

    private static func value(_ call: borrowing HostCall, _ index: Int, _ written: inout Int) -> String {
        if let text = text(call, index) { return text }
        // What fails may have been written up to the limit of the codec.
        var bytes = bytesMax
        let json = try? call.withJSON(index) { json in
            bytes = json.count
            return cut(json)
        }
        written += bytes
        return json ?? "(not plain data, or too large)"
    }

    /// A string as text; nil for anything else.
    private static func text(_ call: borrowing HostCall, _ index: Int) -> String? { call.withBytes(index, cut) }

    /// At most ``bytesMax`` bytes, cut before anything is done with them; what is not UTF-8 becomes U+FFFD.
    private static func cut(_ bytes: UnsafeRawBufferPointer) -> String {
        guard bytes.count > bytesMax else { return String(decoding: bytes, as: UTF8.self) }
        var end = bytesMax
        // Not in the middle of a character.
        while end > bytesMax - 4, bytes[end] & 0xC0 == 0x80 { end -= 1 }
        return String(decoding: bytes[..<end], as: UTF8.self) + "…"
    }
}
