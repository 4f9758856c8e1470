import Foundation
import NightjarTesting
import Testing

/// What docs/argus.md says and no other test holds.
@Suite("Argus: what its page says", .timeLimit(.minutes(5)))
struct DocumentTests {
    private func page() throws -> String { try String(contentsOfFile: ArgusServer.repository + "/docs/argus.md", encoding: .utf8) }
    private func script(_ name: String) throws -> String { try String(contentsOfFile: ArgusServer.repository + "/Scripts/argus/\(name)", encoding: .utf8) }

    private func section(_ title: String) throws -> Substring {
        let text = try page()
        let start = try #require(text.range(of: "### \(title)\n"))
        let rest = text[start.upperBound...]
        return rest[..<(rest.range(of: "\n### ")?.lowerBound ?? rest.endIndex)]
    }

    @Test("the example of a boon is one that the mapping takes")
    func boon() async throws {
        let page = try page()
        let example = page.split(separator: "\n").first { $0.contains(#""NewBoon": {"#) }
        let line = try #require(example).trimmingCharacters(in: CharacterSet(charactersIn: " ,"))
        let slots: [String] = ["Weapon", "Special", "Cast", "Sprint", "Mana"].map { slot in
            #expect(page.contains(slot == "Weapon" ? #"`"slot": "Weapon"`"# : "`\(slot)`"))
            return line.replacingOccurrences(of: "}", with: #", "slot": "\#(slot)"}"#).replacingOccurrences(of: "NewBoon", with: slot)
        }
        let text = #"{"boons":{\#(([line] + slots).joined(separator: ","))},"weapons":{},"familiars":{},"keepsakes":{},"hexes":{},"vows":{},"arcana":{}}"#
        try await withArgus { server async throws in
            let answer = try await server.call("argus.mapping_check", ["text": text])
            #expect(answer["ok"] as? Bool == true && (answer["lines"] as? [String])?.first?.hasPrefix("6 boons") == true, "\(answer)")
        }
    }

    @Test("the examples of bodies are taken")
    func bodies() async throws {
        let text = try page()
        let start = try #require(text.range(of: #"{"argusProtocolVersion":"2","argusToken":"…","gameState""#))
        let body = text[start.lowerBound...].prefix { $0 != "`" }
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            #expect(ArgusServer.words(try await server.post("/run_info", body.replacingOccurrences(of: "…", with: token))) == "ok")
            #expect(try await server.runData(server.ticket(channel: "4711")).text.contains("BaseStaffAspect"))
        }
    }

    @Test("every address of the table is one, and no setting, figure or variable is missing or made up")
    func tables() async throws {
        let paths = try section("Addresses").matches(of: /`(GET|POST)? ?(\/[a-z_\/]*)[^`]*`/).map { (method: $0.1.map { String($0) } ?? "GET", path: String($0.2)) }
        #expect(paths.count >= 14)
        try await withArgus { server async throws in
            for (method, path) in paths {
                let answer = method == "GET" ? try await server.get(path) : try await server.post(path, "{}")
                // What speaks WebSocket says so.
                #expect(answer.status != 404 && answer.status != 405 && (answer.status != 426 || path.hasSuffix("/ws")), "\(method) \(path): \(answer.status)")
            }
        }
        let rows = try section("What the server needs").split(separator: "\n").filter { $0.hasPrefix("| ") }.compactMap { $0.split(separator: "|").first }
        let documented = Set(rows.filter { !$0.contains("secret") }.flatMap { $0.matches(of: /`([a-z_]+)`/).map { String($0.1) } })
        let known = Set(try script("settings.lua").matches(of: /\n  ([a-z_]+) = (?:\{ type|url )/).map { String($0.1) })
        #expect(documented.subtracting(["argus"]) == known)
        let secrets = Set(rows.filter { $0.contains("secret") }.flatMap { $0.matches(of: /`([a-z_]+)`/).map { String($0.1) } })
        #expect(secrets == ["client", "extension", "dashboard"])
        let figures = Set(try section("What goes to Twitch, and how fast").matches(of: /`argus_([a-z_]+)`/).map { String($0.1) })
        var counted: Set<String> = []
        for file in try FileManager.default.contentsOfDirectory(atPath: ArgusServer.repository + "/Scripts/argus") where file.hasSuffix(".lua") {
            let text = try script(file)
            counted.formUnion(text.matches(of: /gauge\("argus\.([a-z_]+)"/).map { String($0.1) })
            for call in text.matches(of: /counted[ (][^\n]*/) { counted.formUnion(call.0.matches(of: /"([a-z_]+)"/).map { String($0.1) }) }
        }
        #expect(figures == counted)
    }

    @Test("the defaults of the settings are those that the table tells")
    func defaults() throws {
        let source = try script("settings.lua")
        var told: [String: String] = [:]
        for row in try section("What the server needs").split(separator: "\n") where row.hasPrefix("| `") {
            let cells = row.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
            let names = cells[0].matches(of: /`([a-z_]+)`/).map { String($0.1) }
            let values = cells[2].prefix { $0 != ";" }.split(separator: ", ").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "` ")) }
            for (name, value) in zip(names, values) { told[name] = value }
        }
        for (name, words) in ["client_id": "that of the published clients", "auth_url": "Twitch's"] {
            #expect(told.removeValue(forKey: name) == words)
        }
        #expect(told.count >= 7)
        for (name, value) in told {
            let line = try #require(source.split(separator: "\n").first { $0.hasPrefix("  \(name) = ") })
            let found = line.firstMatch(of: /(?:default = |url )"?([^"}]*?)"?(?: }|,)/)?.1
            #expect(found.map(String.init) == (value == "empty" ? "" : value), "\(name)")
        }
    }

    @Test("the delay's key: one delay and no other; a delay that is none; a new key ends what is open with the old one")
    func keysOfDelays() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let key = try await server.viewKey(token)
            func ask(_ body: String) async throws -> String {
                let answer = try await server.post("/argus/view_key", body)
                let object = try JSONSerialization.jsonObject(with: Data(answer.text.utf8)) as? [String: Any]
                return object?["key"] as? String ?? "status \(answer.status)"
            }
            let delayed = try await ask(#"{"channel":"4711","key":"\#(key)","delay":60}"#)
            func closed(_ delay: String, _ key: String) async throws -> UInt16? {
                try await server.base.connect("/argus/overlay/ws?channel=4711&key=\(key)&delay=\(delay)").receiveClose().code
            }
            for (delay, key) in [("0", delayed), ("30", delayed), ("61", delayed), ("", delayed)] { #expect(try await closed(delay, key) == 4401, "\(delay)") }
            for delay in ["601", "-1", "soon"] { #expect(try await closed(delay, key) == 4400, "\(delay)") }
            #expect(try await server.post("/argus/view_key", #"{"channel":"4711","key":"\#(delayed)","delay":61}"#).status == 401)
            // Both are open until there is a new key.
            #expect(try await server.send(token, ["weaponData": "Rare;;DaggerBlockAspect"]) == "ok")
            let now = try await server.overlay("4711", key: key), later = try await server.base.connect("/argus/overlay/ws?channel=4711&key=\(delayed)&delay=60")
            #expect(try await now.receiveText().contains("DaggerBlockAspect"))
            let new = try await ask(#"{"argusToken":"\#(token)","renew":true}"#)
            #expect(try await now.receiveClose().code == 4401)
            #expect(try await later.receiveClose().code == 4401)
            for (delay, key) in [("0", key), ("60", delayed), ("60", key)] { #expect(try await closed(delay, key) == 4401) }
            let again = try await server.overlay("4711", key: new)
            #expect(try await again.receiveText().contains("DaggerBlockAspect"))
        }
    }

    @Test("an overlay with a delay gets a state when it is as old as that, and not before")
    func delays() async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711")
            let key = try await server.viewKey(token)
            let overlay = try await server.base.connect("/argus/overlay/ws?channel=4711&key=\(key)&delay=60")
            #expect(try await server.send(token, ["weaponData": "Rare;;DaggerBlockAspect"]) == "ok")
            server.clock?.advance(59_000)
            #expect(try await server.send(token, ["weaponData": "Rare;;BaseStaffAspect"]) == "ok")
            server.clock?.advance(2_000)
            #expect(try await overlay.receiveText().contains("DaggerBlockAspect"))
            server.clock?.advance(58_000)
            #expect(try await overlay.receiveText().contains("BaseStaffAspect"))
        }
    }

    @Test("whose token is erased: the overlays of the channel are closed, those of the others stay", arguments: [["id": "4711"], ["all": "yes"]])
    func erasingClosesOverlays(_ question: [String: String]) async throws {
        try await withArgus { server async throws in
            let token = try await server.login("4711"), other = try await server.login("4712")
            let overlay = try await server.overlay("4711", key: try await server.viewKey(token)), theirs = try await server.overlay("4712", key: try await server.viewKey(other))
            #expect(try await server.send(token, ["weaponData": "Rare;;DaggerBlockAspect"]) == "ok")
            #expect(try await overlay.receiveText().contains("DaggerBlockAspect"))
            let asked: [String: Any] = question["id"].map { ["id": $0] } ?? ["all": true]
            #expect(try await server.call("argus.erase", asked)["ok"] as? Bool == true)
            #expect(try await overlay.receiveClose().code == 4401)
            if asked["id"] == nil {
                #expect(try await theirs.receiveClose().code == 4401)
            } else {
                #expect(try await server.send(other, ["weaponData": "Rare;;BaseStaffAspect"]) == "ok")
                #expect(try await theirs.receiveText().contains("BaseStaffAspect"))
            }
        }
    }
}
