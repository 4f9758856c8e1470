import NightjarTesting

extension Seeded {
    mutating func below(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &self) }
}

/// Valid JSON as no encoder writes it: odd blanks, escapes, huge numbers, repeated keys.
enum RandomJSON {
    static func space(_ random: inout Seeded) -> String {
        (0..<random.below(3)).map { _ in [" ", "\t", "\n", "\r\n", "  "][random.below(5)] }.joined()
    }

    static func object(_ random: inout Seeded) -> String { object(&random, 4) }

    static func value(_ random: inout Seeded, _ depth: Int) -> String {
        switch random.below(depth > 0 ? 8 : 6) {
        case 0: ["true", "false", "null"][random.below(3)]
        case 1: integer(&random)
        case 2: ["0.10", "-0", "-0.0", "1e5", "1E+05", "-12.50e-3", "123456789012345678901234567890.5", "2e308"][random.below(8)]
        case 3, 4, 5: string(&random)
        case 6: object(&random, depth - 1)
        default: array(&random, depth - 1)
        }
    }

    private static func integer(_ random: inout Seeded) -> String {
        let digits = (0..<(1 + random.below(40))).map { _ in String(random.below(10)) }.joined().drop { $0 == "0" }
        return (random.below(2) == 0 ? "-" : "") + (digits.isEmpty ? "0" : String(digits))
    }

    private static func string(_ random: inout Seeded) -> String {
        let pieces = [
            "a", "key", "é", "日本", "🌙", #"\u00e9"#, #"\ud83c\udf19"#, #"\n"#, #"\/"#, "/", #"\""#, #"\\"#, " ", #"\u0000"#, "opcode", "\u{7F}", "\u{2028}",
        ]
        return "\"" + (0..<random.below(6)).map { _ in pieces[random.below(pieces.count)] }.joined() + "\""
    }

    private static func object(_ random: inout Seeded, _ depth: Int) -> String {
        let members = (0..<random.below(6)).map { _ in
            let key = random.below(4) == 0 ? #""same""# : string(&random)
            return space(&random) + key + space(&random) + ":" + space(&random) + value(&random, depth) + space(&random)
        }
        return "{" + (members.isEmpty ? space(&random) : members.joined(separator: ",")) + "}"
    }

    private static func array(_ random: inout Seeded, _ depth: Int) -> String {
        let elements = (0..<random.below(5)).map { _ in space(&random) + value(&random, depth) + space(&random) }
        return "[" + (elements.isEmpty ? space(&random) : elements.joined(separator: ",")) + "]"
    }
}

/// Messages that are almost right.
enum FuzzedMessage {
    private static let topics = [
        "gateway:opcode", "gateway:0", "gateway:10", "gateway:SHARD_DEATH", "gateway-proxy:a:witness:x", "gateway-proxy:a:b:x",
        "gateway-proxy:a:a@*:x", "gateway-proxy:a:x@b", "gateway-proxy:a:gateway:opcode", "gateway-proxy:a:@", "gateway-proxy:::", "gateway:", ":", "other",
    ]
    private static let members = [
        #""opcode":10"#, #""opcode":0"#, #""opcode":12"#, #""opcode":"10""#, #""opcode":"SHARD_CONNECT""#, #""opcode":3"#, #""opcode":1e9"#, #""opcode":null"#,
        #""bot":"main""#, #""bot":"""#, #""bot":[]"#, #""shard_count":3"#, #""shard_count":"3""#, #""shard_count":-1"#, #""shard_count":1e99"#, #""shard_id":0"#,
        #""shard_id":1.5"#, #""shard_id":"0""#, #""shard_id":{}"#, #""token":{}"#, #""service":"witness""#, #""service":{}"#,
    ]

    static func make(_ random: inout Seeded) -> [UInt8] {
        let d = (0..<random.below(4)).map { _ in members[random.below(members.count)] }.joined(separator: ",")
        let s = [#""a""#, #""b""#, "null", "{}", #""""#, #""x y""#][random.below(6)]
        var text = #"{"s":\#(s),"t":"\#(topics[random.below(topics.count)])","d":{\#(d)}"#
        if random.below(5) == 0 { text += #","droppable":\#(["true", "1", "{}"][random.below(3)])"# }
        return Array((text + "}").utf8)
    }

    /// Changes, drops or doubles a few bytes; the result stays ASCII, so the host lets it through.
    static func damage(_ text: inout [UInt8], _ random: inout Seeded) {
        for _ in 0...random.below(3) where !text.isEmpty {
            let index = random.below(text.count)
            switch random.below(3) {
            case 0: text[index] = UInt8(random.below(128))
            case 1: text.remove(at: index)
            default: text.insert(text[index], at: index)
            }
        }
    }
}
