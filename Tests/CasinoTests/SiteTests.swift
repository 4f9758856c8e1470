import Foundation
import Testing

@testable import Games

@Suite struct SiteTests {
    private func parse(_ text: String) -> Result<Site, SiteProblem> { SiteParser.parse(Array(text.utf8), file: "x.json") }

    static let demo = """
        {
          "id": "demo", "platform": "demo", "url": "http://localhost", "denom": "usd", "initial_credits": 5,
          "manual_credits": false,
          "games": {"joker-bingo": {"max_bet": 200}, "coin_toss": {}},
          "jackpots": [{"id": "jp", "denom": "CRE", "storage_multiplier": 1000, "min": 1, "max": 2, "rate_bp": 100}]
        }
        """

    @Test func wholeSiteIsRead() throws {
        let site = try parse(Self.demo).get()
        #expect(site.id == "demo")
        #expect(site.denomination == .usd)
        #expect(site.initialCredits == 5)
        #expect(!site.manualCredits)
        #expect(site.gameIDs == ["joker-bingo", "coin_toss"])
        #expect(site.settings(of: "joker_bingo").map { String(decoding: $0, as: UTF8.self) } == "{\"max_bet\": 200}")
        #expect(site.settings(of: "coin-toss") != nil)
        #expect(site.settings(of: "chess") == nil)
    }

    @Test func defaultsAreThoseOfTheProtocol() throws {
        let site = try parse(#"{"id":"a","games":{}}"#).get()
        #expect(site.initialCredits == 1000)
        #expect(site.denomination == .credit)
        #expect(site.manualCredits)
        #expect(site.platform == "demo")
    }

    @Test(arguments: [
        ("{\n\"id\":\"a\",\n\"games\":{},}", 3, "not a JSON object"), ("[]", 1, "not a JSON object"),
        ("{\"games\":{}}", 1, "\"id\""), ("{\"id\":\"a\"}", 1, "\"games\""),
        ("{\"id\":\"a\",\n\"games\":{},\n\"gmaes\":1}", 3, "unknown key \"gmaes\""),
        ("{\"id\":\"a\",\n\"games\":[]}", 2, "\"games\" must be"), ("{\"id\":\"a\",\"games\":{\n\"x\":1}}", 2, "\"x\""),
        ("{\"id\":\"a\",\"games\":{\"x_y\":{},\n\"x-y\":{}}}", 2, "twice"),
        ("{\"id\":\"a\",\"games\":{},\n\"denom\":\"yen\"}", 2, "yen"),
        ("{\"id\":\"a\",\"games\":{},\n\"initial_credits\":-1}", 2, "initial_credits"),
        ("{\"id\":\"a\",\"games\":{},\n\"initial_credits\":1.5}", 2, "initial_credits"),
        ("{\"id\":\"a\",\"games\":{},\n\"initial_credits\":99999999999999999999}", 2, "initial_credits"),
        ("{\"id\":\"a\",\"games\":{},\n\"manual_credits\":1}", 2, "manual_credits"),
        ("{\"id\":\"a\",\"games\":{},\n\"games\":{}}", 2, "given twice"),
        ("{\"id\":\"a\",\"games\":{},\"jackpots\":[\n{\"id\":\"j\"},\n{\"id\":\"j\"}]}", 3, "listed twice"),
        ("{\"id\":\"a\",\"games\":{},\"jackpots\":[{\"id\":\"j\",\n\"min\":3,\"max\":2}]}", 1, "above"),
    ])
    func mistakesAreNamedWithTheirLine(_ text: String, _ line: Int, _ part: String) {
        guard case .failure(let problem) = parse(text) else {
            Issue.record("taken: \(text)")
            return
        }
        #expect(problem.line == line, "\(problem)")
        #expect(problem.message.contains(part), "\(problem)")
    }

    @Test func brokenFileKeepsTheSiteItHeldAndADeletedOneTakesItAway() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("sites-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        func write(_ name: String, _ text: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/" + name)) }
        try write("a.json", #"{"id":"a","initial_credits":1,"games":{}}"#)
        try write("b.json", #"{"id":"b","games":{}}"#)
        try write("notes.txt", "not a site")
        let sites = SiteDirectory(path: folder)
        #expect(sites.load().isEmpty)
        #expect(sites.all.map(\.id) == ["a", "b"])
        #expect(sites.loadIfChanged() == nil)

        try write("a.json", #"{"id":"a","initial_credits":22,"#)
        let problems = try #require(sites.loadIfChanged())
        #expect(problems.count == 1)
        #expect(problems.first?.file.hasSuffix("a.json") == true)
        #expect(sites.site("a")?.initialCredits == 1)

        try write("a.json", #"{"id":"a","initial_credits":333,"games":{}}"#)
        #expect(sites.loadIfChanged() == [])
        #expect(sites.site("a")?.initialCredits == 333)

        try FileManager.default.removeItem(atPath: folder + "/b.json")
        #expect(sites.loadIfChanged() == [])
        #expect(sites.site("b") == nil)

        try write("c.json", #"{"id":"a","games":{}}"#)
        #expect(sites.loadIfChanged()?.count == 1)
    }

    @Test func missingFolderHoldsNoSites() {
        let sites = SiteDirectory(path: "/nowhere/at/all")
        #expect(sites.load().isEmpty)
        #expect(sites.all.isEmpty)
    }
}
