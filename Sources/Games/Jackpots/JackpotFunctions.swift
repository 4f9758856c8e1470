import Bytes
import Host
import LuaRuntime
import NIOCore
import Store

/// `nightjar.casino.jackpots`: jackpots with their meters, for components, pages and back offices.
enum JackpotFunctions {
    static let all = [jackpots]

    private static let jackpots = HostFunction(
        module: "casino", "jackpots",
        [HostParameter("platform", .string), HostParameter("site", .string)],
        returns: [
            HostReturn(
                "jackpots", .table, optional: true,
                """
                One a level that was opened: {id, value, version = how often it was won, reserve, overflow, commitment, meters = {start, contributed, \
                hidden, seeded, drawn, awarded, overflowed, carried}}, storage units. See docs/casino-jackpots.md.
                """),
            HostReturn("code", .string, optional: true), HostReturn("detail", .string, optional: true),
        ],
        waits: true,
        "Reads a site's jackpots from the store."
    ) { call in
        let (realm, site) = (call.string(0) ?? "", call.string(1) ?? "")
        guard let ledger = call.generation.module(CasinoModule.self).link.ledger(of: realm) else {
            return .failure(code: "unavailable", detail: "the casino has not started")
        }
        call.generation.pendingWait = .operation { worker, token in
            ledger.jackpots(realm: realm, site: site, on: worker.eventLoop) { result in
                switch result {
                case .success(let jackpots): token.finish(.values([.json(text(jackpots))]))
                case .failure(let error): token.finish(.failure(code: error.code.rawValue, detail: error.detail))
                }
            }
        }
        return .wait
    }

    private static func text(_ jackpots: [Jackpot]) -> [UInt8] {
        var bytes = Array("[".utf8)
        func number(_ name: StaticString, _ value: Int64) {
            bytes.append(text: name)
            bytes.append(decimal: value)
        }
        for (place, jackpot) in jackpots.enumerated() {
            bytes.append(text: place > 0 ? ",{\"id\":" : "{\"id\":")
            bytes.append(jsonString: jackpot.key.id)
            number(",\"value\":", jackpot.value)
            number(",\"version\":", jackpot.version)
            number(",\"reserve\":", jackpot.reserve)
            number(",\"overflow\":", jackpot.overflow)
            if let threshold = jackpot.threshold {
                bytes.append(text: ",\"commitment\":\"")
                bytes.append(contentsOf: JackpotSecret.commitment(threshold.secret).utf8)
                bytes.append(text: "\"")
            }
            number(",\"meters\":{\"start\":", jackpot.meters.start)
            number(",\"contributed\":", jackpot.meters.contributed)
            number(",\"hidden\":", jackpot.meters.hidden)
            number(",\"seeded\":", jackpot.meters.seeded)
            number(",\"drawn\":", jackpot.meters.drawn)
            number(",\"awarded\":", jackpot.meters.awarded)
            number(",\"overflowed\":", jackpot.meters.overflowed)
            number(",\"carried\":", jackpot.meters.carried)
            bytes.append(text: "}}")
        }
        bytes.append(text: "]")
        return bytes
    }
}
