import Foundation
import LuaRuntime
import Testing

/// One file of `escapes/`: what a script tries, and how that must end.
///
///     -- why the file is there
///     -- expect: ok | error <part of the message> | timeout | memory | ends
///     -- limits: memory=1MiB deadline=20ms slack=50ms
///
/// `ends` leaves the outcome open: it only must not crash, hang or exceed its limits. `slack` is the processor time allowed
/// beyond the deadline.
struct EscapeFile: Sendable, CustomTestStringConvertible {
    enum Expectation: Equatable {
        case ok, timeout, memory, ends
        case error(String)
    }

    let name: String
    let source: [UInt8]
    var expectation: Expectation = .ends
    var limits = LuaLimits()
    var slack: Duration = .milliseconds(50)

    var testDescription: String { name }

    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("escapes")

    static let all: [EscapeFile] = {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return names.filter { $0.hasSuffix(".lua") }.sorted().map { EscapeFile(name: $0) }
    }()

    init(name: String) {
        self.name = name
        source = (try? [UInt8](Data(contentsOf: EscapeFile.folder.appendingPathComponent(name)))) ?? []
        limits.memoryBytes = 8 << 20
        for line in String(decoding: source, as: UTF8.self).split(separator: "\n") {
            guard line.hasPrefix("-- ") else { break }
            if let text = line.value(after: "-- expect: ") { expectation = EscapeFile.expectation(text) }
            if let text = line.value(after: "-- limits: ") { setLimits(text) }
        }
    }

    private static func expectation(_ text: String) -> Expectation {
        switch text {
        case "ok": .ok
        case "timeout": .timeout
        case "memory": .memory
        case "ends": .ends
        default: .error(text.hasPrefix("error") ? String(text.dropFirst(5)).trimmingCharacters(in: .whitespaces) : text)
        }
    }

    private mutating func setLimits(_ text: String) {
        for part in text.split(separator: " ") {
            let pair = part.split(separator: "=")
            guard pair.count == 2, let number = Int(pair[1].prefix { $0.isNumber }) else { continue }
            switch pair[0] {
            case "memory": limits.memoryBytes = number << 20
            case "deadline": limits.sliceDeadline = .milliseconds(number)
            case "slack": slack = .milliseconds(number)
            default: break
            }
        }
    }
}

extension Substring {
    fileprivate func value(after prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
