import Host
import LuaRuntime

/// Reads a site file strictly: an operator's typing slip must not be ignored silently.
enum SiteParser {
    static let keys = [
        "id", "title", "platform", "url", "denom", "initial_credits", "manual_credits", "games", "jackpots",
    ]
    private static let jackpotKeys = ["id", "denom", "storage_multiplier", "min", "max", "rate_bp"]

    /// The site in `text`.
    ///
    /// - Parameter file: Name for errors.
    static func parse(_ text: [UInt8], file: String) -> Result<Site, SiteProblem> {
        text.withUnsafeBytes { bytes in
            Result { () throws(SiteProblem) in try Reader(text: bytes, file: file).site() }
        }
    }

    private struct Reader {
        let text: UnsafeRawBufferPointer
        let file: String

        func site() throws(SiteProblem) -> Site {
            let object: JSONObject
            do { object = try JSONObject(text) } catch { throw problem(error.offset, "not a JSON object: \(error.detail)") }
            try checkKeys(object, SiteParser.keys, at: 0)
            let id = try string(object, "id", at: 0)
            guard let id, id.utf8.count <= StartRequest.nameBytesMax else { throw problem(0, "\"id\" must be given, up to \(StartRequest.nameBytesMax) bytes") }
            let denomName = try string(object, "denom", at: 0) ?? Denomination.credit.name
            guard let denomination = Denomination.named(denomName) else {
                let known = Denomination.all.map(\.name).joined(separator: ", ")
                throw problem(object["denom"]?.offset ?? 0, "unknown denomination \"\(denomName)\"; known are \(known)")
            }
            let (games, ids) = try games(object)
            try checkJackpots(object)
            return Site(
                id: id, title: try string(object, "title", at: 0),
                platform: try string(object, "platform", at: 0) ?? DemoPlatform.name,
                url: try string(object, "url", at: 0), denomination: denomination,
                initialCredits: try integer(object, "initial_credits", 0...Int64.max, at: 0) ?? Site.defaultInitialCredits,
                manualCredits: try boolean(object, "manual_credits") ?? true,
                games: games, gameIDs: ids, text: [UInt8](text))
        }

        private func games(_ object: JSONObject) throws(SiteProblem) -> ([String: [UInt8]], [String]) {
            guard let value = object["games"] else { throw problem(0, "\"games\" is missing: an object with one entry per game") }
            guard let list = value.object else { throw problem(value.offset, "\"games\" must be an object with one entry per game") }
            var games: [String: [UInt8]] = [:]
            var ids: [String] = []
            for index in 0..<list.count {
                let (name, settings) = list.member(at: index)
                let place = value.offset + list.offset(at: index)
                guard settings.object != nil else {
                    throw problem(place, "the entry of \"\(name)\" must be an object of settings; {} changes nothing")
                }
                guard games.updateValue([UInt8](settings.bytes), forKey: GameName.folded(name)) == nil else {
                    throw problem(place, "the game \"\(name)\" is listed twice")
                }
                ids.append(name)
            }
            return (games, ids)
        }

        private func checkJackpots(_ object: JSONObject) throws(SiteProblem) {
            guard let value = object["jackpots"] else { return }
            guard let list = value.elements else { throw problem(value.offset, "\"jackpots\" must be an array") }
            var seen: Set<String> = []
            for element in list {
                let place = value.offset + element.offset
                guard let jackpot = element.object else { throw problem(place, "a jackpot must be an object") }
                try checkKeys(jackpot, SiteParser.jackpotKeys, at: place)
                guard let id = try string(jackpot, "id", at: place) else { throw problem(place, "the jackpot's \"id\" is missing") }
                guard seen.insert(id).inserted else { throw problem(place, "the jackpot \"\(id)\" is listed twice") }
                _ = try string(jackpot, "denom", at: place)
                _ = try integer(jackpot, "storage_multiplier", 1...1_000_000_000, at: place)
                _ = try integer(jackpot, "rate_bp", 0...10_000, at: place)
                let lowest = try integer(jackpot, "min", 0...Int64.max, at: place) ?? 0
                let highest = try integer(jackpot, "max", 0...Int64.max, at: place) ?? Int64.max
                guard lowest <= highest else { throw problem(place, "the jackpot's \"min\" is above its \"max\"") }
            }
        }

        private func checkKeys(_ object: JSONObject, _ known: [String], at start: Int) throws(SiteProblem) {
            var seen: Set<String> = []
            for index in 0..<object.count {
                let name = object.member(at: index).name
                guard known.contains(name) else {
                    throw problem(start + object.offset(at: index), "unknown key \"\(name)\"; known are \(known.joined(separator: ", "))")
                }
                guard seen.insert(name).inserted else { throw problem(start + object.offset(at: index), "\"\(name)\" is given twice") }
            }
        }

        private func string(_ object: JSONObject, _ name: StaticString, at start: Int) throws(SiteProblem) -> String? {
            guard let value = object[name] else { return nil }
            guard let text = value.string, !text.isEmpty else {
                throw problem(start + value.offset, "\"\(name)\" must be a string that is not empty")
            }
            return text
        }

        private func integer(
            _ object: JSONObject, _ name: StaticString, _ range: ClosedRange<Int64>, at start: Int
        ) throws(SiteProblem) -> Int64? {
            guard let value = object[name] else { return nil }
            guard let number = value.integer, range.contains(number) else {
                let bound = range.upperBound == .max ? "of at least \(range.lowerBound)" : "from \(range.lowerBound) to \(range.upperBound)"
                throw problem(start + value.offset, "\"\(name)\" must be a whole number \(bound)")
            }
            return number
        }

        private func boolean(_ object: JSONObject, _ name: StaticString) throws(SiteProblem) -> Bool? {
            guard let value = object[name] else { return nil }
            guard let flag = value.boolean else { throw problem(value.offset, "\"\(name)\" must be true or false") }
            return flag
        }

        private func problem(_ offset: Int, _ message: String) -> SiteProblem {
            SiteProblem(file: file, line: JSONObject.line(text, offset: offset), message: message)
        }
    }
}
