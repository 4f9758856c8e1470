import Bytes
import LuaRuntime

/// Jackpots in the journal's entries. A step says what it has contributed and awarded; a call that has awarded says from which
/// values, so that a replay awards the same.
enum JackpotText {
    /// `,"jackpots":[["night/mini",40,8],["night/mini",1234000]]`: id, visible and hidden contribution; or id and award. Storage units.
    static func append(_ effects: [JackpotEffect], _ plan: JackpotPlan?, to bytes: inout [UInt8]) {
        guard let plan, !effects.isEmpty else { return }
        bytes.append(text: ",\"jackpots\":[")
        for (place, effect) in effects.enumerated() {
            bytes.append(text: place > 0 ? ",[" : "[")
            switch effect {
            case .contribution(let index, let amount, let hidden):
                bytes.append(jsonString: plan.levels[index].id)
                bytes.append(text: ",")
                bytes.append(decimal: amount)
                bytes.append(text: ",")
                bytes.append(decimal: hidden)
            case .award(let index, let amount):
                bytes.append(jsonString: plan.levels[index].id)
                bytes.append(text: ",")
                bytes.append(decimal: amount)
            }
            bytes.append(text: "]")
        }
        bytes.append(text: "]")
    }

    /// `,"pots":[["night/mini",value,version,threshold,"what was committed to","hash of the next"]]`, of the levels that were won.
    static func append(pots: [JackpotPot], _ steps: [GameStep], _ plan: JackpotPlan?, to bytes: inout [UInt8]) {
        guard let plan, pots.count == plan.levels.count else { return }
        var won: Set<Int> = []
        for step in steps {
            for case .award(let index, _) in step.jackpots { won.insert(index) }
        }
        guard !won.isEmpty else { return }
        bytes.append(text: ",\"pots\":[")
        for (place, index) in won.sorted().enumerated() {
            let pot = pots[index]
            bytes.append(text: place > 0 ? ",[" : "[")
            bytes.append(jsonString: plan.levels[index].id)
            for number in [pot.value, pot.version, pot.hitAt] {
                bytes.append(text: ",")
                bytes.append(decimal: number)
            }
            for text in [pot.secret, pot.nextCommitment] {
                bytes.append(text: ",")
                bytes.append(jsonString: text)
            }
            bytes.append(text: "]")
        }
        bytes.append(text: "]")
    }

    /// Reads what ``append(pots:_:_:to:)`` has written; one pot a level of the plan.
    static func pots(_ text: [UInt8], _ plan: JackpotPlan?) -> [JackpotPot] {
        guard let plan else { return [] }
        let wrapped = Array("{\"pots\":".utf8) + text + Array("}".utf8)
        return wrapped.withUnsafeBytes { pots((try? JSONObject($0))?["pots"]?.elements ?? [], plan) }
    }

    private static func pots(_ elements: [JSONValue], _ plan: JackpotPlan) -> [JackpotPot] {
        var pots = Array(repeating: JackpotPot(), count: plan.levels.count)
        for element in elements {
            guard let parts = element.elements, parts.count == 6, let id = parts[0].string,
                let index = plan.levels.firstIndex(where: { $0.id == id }), let value = parts[1].integer, let version = parts[2].integer,
                let hitAt = parts[3].integer, let secret = parts[4].string, let next = parts[5].string
            else { continue }
            pots[index] = JackpotPot(value: value, version: version, hitAt: hitAt, secret: secret, nextCommitment: next)
        }
        return pots
    }
}
