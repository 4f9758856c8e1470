import NightjarTesting
import Synchronization
import Testing
@testable import Games
@testable import Host
@testable import HostModules
@testable import Reload

@Suite struct ControlFilesTests {
    private func layout(_ folder: TestFolder) -> ProjectLayout {
        ProjectLayout(
            scripts: [
                SourceFolder(path: folder.path + "/Scripts", label: "Scripts"),
                SourceFolder(path: folder.path + "/more", label: "more"),
            ],
            games: SourceFolder(path: folder.path + "/games", label: "games"))
    }

    @Test func packagesAreFoldersWithAMainFileAndGamesHaveAManifest() {
        let folder = TestFolder()
        for name in ["Scripts/a/main.lua", "Scripts/lib/main.lua", "Scripts/engines/x.lua", "Scripts/b/other.lua", "more/c/main.lua",
            "more/.hidden/main.lua", "games/g/manifest.json", "games/h/engine.lua"] { folder.write(name, "") }
        let found = layout(folder).discover()
        #expect(found.units.map(\.id) == [.package("a"), .package("c"), .game("g")])
        #expect(found.problems.isEmpty)
        #expect(found.units[0].entry.label == "Scripts/a/main.lua")
    }

    @Test func twoPackagesOfOneNameAreAProblem() {
        let folder = TestFolder()
        folder.write("Scripts/a/main.lua", "")
        folder.write("more/a/main.lua", "")
        let found = layout(folder).discover()
        #expect(found.units.count == 1)
        #expect(found.problems.map(\.description) == ["more/a/main.lua: there is another package a in Scripts/a"])
    }

    @Test func aFolderWithAStrangeNameIsAProblem() {
        let folder = TestFolder()
        folder.write("Scripts/a b/main.lua", "")
        let found = layout(folder).discover()
        #expect(found.units.isEmpty)
        #expect(found.problems.map(\.code) == ["unit_name"])
    }

    @Test(arguments: [
        ("a", ["Scripts/p/a.lua"]),
        ("a.b", ["Scripts/p/a/b.lua"]),
        ("lib.t", ["Scripts/p/lib/t.lua", "Scripts/lib/t.lua"]),
        ("engines.e", ["Scripts/p/engines/e.lua", "Scripts/engines/e.lua"]),
        ("lib", ["Scripts/p/lib.lua"]),
    ])
    func moduleNamesAreLookedForInTheUnitThenInTheSharedFolders(_ name: String, _ files: [String]) throws {
        let layout = ProjectLayout(scripts: [SourceFolder(path: "/x/Scripts", label: "Scripts")], games: nil)
        let unit = UnitSource(id: .package("p"), folder: layout.scripts[0].folder("p"))
        #expect(try ModuleNames.candidates(name, unit: unit, layout: layout).map(\.label) == files)
    }

    @Test(arguments: ["", ".", "..", "a..b", "../a", "a/b", "a.", ".a", "a\u{0}b", "/etc/passwd"])
    func namesThatLeaveTheFolderAreRefused(_ name: String) {
        let layout = ProjectLayout(scripts: [SourceFolder(path: "/x/Scripts", label: "Scripts")], games: nil)
        let unit = UnitSource(id: .package("p"), folder: layout.scripts[0].folder("p"))
        #expect(throws: FileProblem.self) { try ModuleNames.candidates(name, unit: unit, layout: layout) }
    }

    @Test(arguments: ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a\u{0}", "a\\b", "a/"])
    func dataPathsThatLeaveTheFolderAreRefused(_ path: String) {
        let unit = UnitSource(id: .package("p"), folder: SourceFolder(path: "/x", label: "x"))
        #expect(throws: FileProblem.self) { try ModuleNames.dataFile(path, unit: unit) }
    }

    @Test func aUnitChangesWithTheContentsOfItsFilesOnly() {
        let folder = TestFolder()
        folder.write("a.lua", "one")
        let a = folder.path + "/a.lua", b = folder.path + "/b.lua"
        var graph = DependencyGraph()
        let snapshot = SourceSnapshot()
        #expect(snapshot.exists(a))
        #expect(!snapshot.exists(b))
        graph.record(.package("p"), [a: snapshot.state(a), b: snapshot.state(b)])
        func changed(_ written: Set<String> = []) -> Bool { !graph.changed(written: written, snapshot: SourceSnapshot()).isEmpty }
        #expect(!changed())
        folder.replace("a.lua", "one")
        #expect(!changed([a]))
        #expect(!changed())
        folder.replace("a.lua", "two")
        #expect(changed())
        #expect(changed([a]))
        folder.replace("a.lua", "one")
        #expect(!changed())
        folder.write("b.lua", "")
        #expect(changed())
        folder.remove("b.lua")
        #expect(!changed())
        folder.remove("a.lua")
        #expect(changed())
    }

    @Test func aSnapshotKeepsWhatItReadFirst() throws {
        let folder = TestFolder()
        folder.write("a", "one")
        let snapshot = SourceSnapshot()
        #expect(try snapshot.read(folder.path + "/a") == Array("one".utf8))
        folder.replace("a", "two")
        #expect(try snapshot.read(folder.path + "/a") == Array("one".utf8))
        #expect(throws: FileFailure.missing) { try snapshot.read(folder.path + "/b") }
        folder.write("b", "late")
        #expect(throws: FileFailure.missing) { try snapshot.read(folder.path + "/b") }
    }
}

@Suite struct ControlWatcherTests {
    /// Collects events and lets a test await one.
    final class Collector: Sendable {
        private let events = Letterbox<WatchEvent>("an event of the watcher")
        func add(_ events: [WatchEvent]) { for event in events { self.events.put(event) } }
        func wait(for wanted: WatchEvent) async throws { while try await events.next("\(wanted)") != wanted {} }
    }

    @Test(.timeLimit(.minutes(1))) func writesRenamesAndRemovalsAreSeenAlsoInNewFolders() async throws {
        let folder = TestFolder()
        folder.write("a/one.lua", "1")
        let seen = Collector()
        let watcher = DirectoryWatcher(roots: [folder.path], pollMilliseconds: 60_000) { seen.add($0) }
        watcher.start()
        defer { watcher.stop() }
        folder.write("a/one.lua", "2")
        try await seen.wait(for: .written(folder.path + "/a/one.lua"))
        try await seen.wait(for: .changed(folder.path + "/a/one.lua"))
        folder.replace("a/one.lua", "3")
        try await seen.wait(for: .changed(folder.path + "/a/one.lua"))
        folder.remove("a/one.lua")
        try await seen.wait(for: .changed(folder.path + "/a/one.lua"))
        folder.write("b/x.lua", "1")
        try await seen.wait(for: .changed(folder.path + "/b"))
        folder.write("b/c.lua", "1")
        try await seen.wait(for: .changed(folder.path + "/b/c.lua"))
    }

    /// The thread's part by itself, which never runs here: what it sees is asked for.
    private func loop(_ folder: TestFolder) -> WatchLoop {
        var loop = WatchLoop(roots: [folder.path], stop: -1, pollMilliseconds: 60_000) { _ in }
        loop.prepare()
        return loop
    }

    @Test func thePollFindsWhatNoEventTells() {
        let folder = TestFolder()
        folder.write("one.lua", "1")
        var loop = loop(folder)
        defer { loop.end() }
        var seen: [WatchEvent] = []
        folder.write("one.lua", "1234")
        loop.pollStamps(&seen)
        folder.remove("one.lua")
        loop.pollStamps(&seen)
        loop.pollStamps(&seen)
        #expect(seen == [.found(folder.path + "/one.lua"), .found(folder.path + "/one.lua")])
    }

    #if os(Linux)
    /// Else each save would be the beginning of another one within a second, and whoever saves then waits longer.
    @Test func thePollDoesNotFindAgainWhatAnEventHasTold() {
        let folder = TestFolder()
        folder.write("one.lua", "1")
        folder.write("two.lua", "1")
        var loop = loop(folder)
        defer { loop.end() }
        var told: [WatchEvent] = [], found: [WatchEvent] = []
        folder.write("one.lua", "1234")
        folder.replace("two.lua", "1234")
        loop.readEvents(&told)
        loop.pollStamps(&found)
        #expect(told.contains(.changed(folder.path + "/one.lua")) && told.contains(.changed(folder.path + "/two.lua")))
        #expect(found == [])
        folder.remove("one.lua")
        loop.readEvents(&told)
        loop.pollStamps(&found)
        #expect(found == [])
    }
    #endif
}
