import Bytes
import Foundation
import Store

/// Rounds for people and for programs.
extension PlayedRound {
    /// A line of JSON:
    ///
    ///     {"round":"…","platform":"demo","player":"ann","denom":"credit","site":"demo","game":"joker_bingo","outcome":"settled",
    ///      "started":1700000000000,"ended":1700000009000,"staked":5,"paid":6,"marks":["wild"],"steps":[{"entry":12,"at":…,"op":"bet",
    ///      "params":{"amount":4},"state":"…","effects":[["bet",-4]],"credits":996,"marks":[],"shown":{…}}, …]}
    ///
    /// `outcome` and `ended` are null while it is open; `shown`, what the player saw, is null where the journal has only its
    /// fingerprint. What an engine keeps to itself is in neither form.
    public var json: String {
        var bytes: [UInt8] = []
        func string(_ name: StaticString, _ text: String?) {
            bytes.append(text: name)
            if let text { bytes.append(jsonString: text) } else { bytes.append(text: "null") }
        }
        func number(_ name: StaticString, _ value: Int64?) {
            bytes.append(text: name)
            if let value { bytes.append(decimal: value) } else { bytes.append(text: "null") }
        }
        func list(_ name: StaticString, _ texts: [String]) {
            bytes.append(text: name)
            for (index, text) in texts.enumerated() {
                if index > 0 { bytes.append(text: ",") }
                bytes.append(jsonString: text)
            }
            bytes.append(text: "]")
        }
        string("{\"round\":", id.description)
        string(",\"platform\":", account.realm)
        string(",\"player\":", account.user)
        string(",\"denom\":", account.denom)
        string(",\"site\":", place.site)
        string(",\"game\":", place.game)
        string(",\"outcome\":", outcome)
        number(",\"started\":", startedAt)
        number(",\"ended\":", endedAt)
        number(",\"staked\":", staked)
        number(",\"paid\":", paid)
        list(",\"marks\":[", marks)
        bytes.append(text: ",\"steps\":[")
        for (index, step) in steps.enumerated() {
            if index > 0 { bytes.append(text: ",") }
            number("{\"entry\":", step.seq)
            number(",\"at\":", step.at)
            string(",\"op\":", step.operation)
            bytes.append(text: ",\"params\":")
            if step.params.isEmpty { bytes.append(text: "{}") } else { bytes.append(contentsOf: step.params.map { $0 < 0x20 ? 0x20 : $0 }) }
            string(",\"state\":", step.id.description)
            bytes.append(text: ",\"effects\":[")
            for (index, effect) in step.effects.enumerated() {
                string(index > 0 ? ",[" : "[", effect.kind.rawValue)
                number(",", effect.amount)
                bytes.append(text: "]")
            }
            number("],\"credits\":", step.credits)
            list(",\"marks\":[", step.marks)
            if let refused = step.refused { string(",\"refused\":", refused) }
            bytes.append(text: ",\"shown\":")
            if let state = step.state { bytes.append(contentsOf: state) } else { bytes.append(text: "null") }
            bytes.append(text: "}")
        }
        bytes.append(text: "]}")
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Some lines: one for the round, one for each step, each with what the player saw.
    public var lines: [String] {
        var head = "round \(id): \(place.game) on \(place.site), \(Self.printable("\(account.realm):\(account.user)")), \(Self.time(startedAt)), \(outcome ?? RoundFilter.open)"
        head += ", staked \(staked), paid \(paid) \(account.denom)"
        if !marks.isEmpty { head += ", marks " + marks.joined(separator: " ") }
        return [head] + steps.flatMap { Self.lines($0) }
    }

    private static func lines(_ step: PlayedStep) -> [String] {
        var line = "  entry \(step.seq)  \(time(step.at))  \(step.operation)"
        if !step.params.isEmpty { line += " " + String(decoding: step.params.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self) }
        for effect in step.effects { line += "  \(effect.kind.rawValue) \(effect.amount > 0 ? "+" : "")\(effect.amount)" }
        line += "  balance \(step.credits)"
        if !step.marks.isEmpty { line += "  marks " + step.marks.joined(separator: " ") }
        if let outcome = step.outcome { line += "  \(outcome)" }
        if let refused = step.refused { line += "  rest refused: \(refused)" }
        guard let state = step.state else { return [line, "    state \(step.id), in the journal by its fingerprint alone: nightjar replay makes it again"] }
        return [line, "    " + String(decoding: state, as: UTF8.self)]
    }

    /// Names come from outside: what would be a command to a terminal, or begin another line, is shown as a question mark.
    private static func printable(_ name: String) -> String {
        let unseen: Set<Unicode.GeneralCategory> = [.control, .lineSeparator, .paragraphSeparator]
        return String(String.UnicodeScalarView(name.unicodeScalars.map { unseen.contains($0.properties.generalCategory) ? "?" : $0 }))
    }

    private static func time(_ milliseconds: Int64) -> String {
        let date = Date(timeIntervalSince1970: Double(milliseconds) / 1_000)
        return date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true, timeZone: .gmt))
    }
}
