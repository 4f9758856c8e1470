import Foundation
import Logging
import NIOCore
import NightjarTesting
import Store

/// The store in this file; what is on disk outlives it.
func openStore(_ path: String) throws -> SQLiteStore {
    try SQLiteStore(path: path, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
}

/// The queue ops, as a service uses them.
extension ServiceClient {
    /// Puts a message into a queue and returns the answer.
    func put(_ name: String, _ queue: String, _ payload: String = "{}", id: String? = nil) async throws -> Message {
        try await send(Self.putting(name, queue, payload, id: id))
        return try await next()
    }

    static func putting(_ name: String, _ queue: String, _ payload: String, id: String? = nil) -> String {
        let id = id.map { #","id":"\#($0)""# } ?? ""
        return #"{"s":"\#(name)","t":"gateway:opcode","d":{"opcode":20,"queue":"\#(queue)","t":"\#(queue):do","d":\#(payload)\#(id)}}"#
    }

    func subscribe(_ name: String, _ queue: String, prefetch: Int = 10, timeout: Int = 30_000) async throws {
        try await op(name, 22, #""queue":"\#(queue)","prefetch":\#(prefetch),"timeout":\#(timeout)"#)
        let answer = try await next()
        guard answer.number("opcode") == 23, answer.number("prefetch") == prefetch else { throw Unexpected(text: answer.text) }
    }

    func ack(_ name: String, _ message: Message) async throws {
        try await op(name, 26, #""message":"\#(message.string("message") ?? "")""#)
    }

    func nack(_ name: String, _ message: Message, _ fields: String = "") async throws {
        try await op(name, 27, #""message":"\#(message.string("message") ?? "")"\#(fields)"#)
    }

    /// The next message must be one of a queue.
    func delivery() async throws -> Message {
        let message = try await next()
        guard message.number("opcode") == 25 else { throw Unexpected(text: message.text) }
        return message
    }

    /// The number that the tests put into each payload.
    func deliveries(_ count: Int) async throws -> [Int] {
        var numbers: [Int] = []
        for _ in 0..<count { numbers.append(try await delivery().work) }
        return numbers
    }

    /// Nothing else has come before the answer to a harmless question.
    func hearsNothing(_ name: String) async throws -> Bool {
        try await pass(name, "\(name)@\(name):done")
        return try await next().at("t") as? String == "\(name):done"
    }
}

extension Message {
    /// `n` of the payload inside a message of a queue.
    var work: Int { integer("d.d.n") ?? -1 }
    var attempt: Int { number("attempt") ?? -1 }
}

extension GatewayServer {
    /// Waits until a queue has these figures; a queue that does not exist has zeros.
    func queue(_ name: String, _ wanted: [String: Int]) async throws {
        _ = try await stats { stats in
            guard let queues = stats.at("queues") as? [String: Any] else { return false }
            let queue = queues[name] as? [String: Any] ?? [:]
            return wanted.allSatisfy { (queue[$0.key] as? Int ?? 0) == $0.value }
        }
    }
}
