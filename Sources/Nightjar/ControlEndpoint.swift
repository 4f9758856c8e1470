import Games
import Foundation
import NIOCore
import NIOHTTP1
import LuaRuntime
import Host
import Reload
import Transport

/// What the control socket understands: `POST /reload`, `POST /reload/NAME`, `GET /status`, and `POST /call/FUNCTION` with a JSON list
/// of arguments, which calls what a package provides. Only the user who runs the server can reach it (the socket's mode is 0600).
final class ControlEndpoint: HTTPResponder, Sendable {
    let options: HTTPOptions = {
        var options = HTTPOptions()
        options.maxBody = 4 << 20  // as much as a call takes
        return options
    }()
    private let host: ScriptHost
    private let casino: Casino
    private let transport: TransportServer

    init(host: ScriptHost, casino: Casino, transport: TransportServer) {
        self.host = host
        self.casino = casino
        self.transport = transport
    }

    var routes: [Route] {
        [.post("/reload", self), .post("/reload/:unit", self), .get("/status", self), .post("/call/:function", self)]
    }

    func respond(_ request: HTTPRequest, _ reply: HTTPReply) {
        let (host, casino, transport) = (self.host, self.casino, self.transport)
        let isReload = request.method == .POST
        let unit = request.parameters["unit"], function = request.parameters["function"]
        let arguments = Data(request.body.readableBytesView)
        // The work is asynchronous; the reply belongs to this loop and is used only on it.
        let reply = NIOLoopBound(reply, eventLoop: reply.eventLoop)
        Task {
            let answer: any Encodable & Sendable
            if let function {
                answer = await Self.call(host, function, arguments)
            } else {
                answer = isReload ? await Self.reload(host, casino, transport, unit) : await Self.status(host)
            }
            let body = (try? JSONEncoder().encode(answer)) ?? Data("{}".utf8)
            reply.eventLoop.execute {
                reply.value.send(
                    status: 200, headers: ["content-type": "application/json"], body: ByteBuffer(bytes: body))
            }
        }
    }

    private static func reload(
        _ host: ScriptHost, _ casino: Casino, _ transport: TransportServer, _ unit: String?
    ) async -> ControlReply {
        if let unit {
            let known = await host.status().map(\.unit)
            guard known.contains(where: { $0.name == unit || "\($0)" == unit }) else {
                let hint = Suggestion.hint(unit, among: known.map(\.name).sorted())
                return ControlReply(ok: false, lines: ["there is no package or game \"\(unit)\"\(hint)"])
            }
        }
        let events = await host.reload(unit.map { [$0] })
        await casino.refreshSites()
        let certificates = unit == nil ? transport.renewCertificates() : []
        let report = ReloadReport(events: events, status: await host.status(), certificates: certificates, unit: unit)
        return ControlReply(ok: report.isGood, lines: report.lines.isEmpty ? ["no script has changed, and no site"] : report.lines)
    }

    private static func call(_ host: ScriptHost, _ function: String, _ arguments: Data) async -> CallReply {
        guard let list = try? JSONSerialization.jsonObject(with: arguments) as? [Any],
            let texts = try? list.map({ [UInt8](try JSONSerialization.data(withJSONObject: $0, options: .fragmentsAllowed)) })
        else { return CallReply(code: "bad_arguments", detail: "a JSON list of arguments is expected") }
        do {
            return CallReply(results: try await host.call(function, json: texts).map { String(decoding: $0, as: UTF8.self) })
        } catch {
            return CallReply(code: error.code, detail: error.detail)
        }
    }

    private static func status(_ host: ScriptHost) async -> ControlReply {
        let all = await host.status()
        let lines = all.map { status in
            let generation = status.generation.map { "generation \($0.number)" } ?? "not running"
            return "\(status.unit): \(generation)" + (status.pending.map { ", not loaded since: \($0.error); waits for \($0.remedy)" } ?? "")
        }
        return ControlReply(ok: all.allSatisfy { $0.error == nil }, lines: lines)
    }
}
