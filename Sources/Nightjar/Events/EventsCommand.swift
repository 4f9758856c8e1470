import ArgumentParser

/// Records the events a server gets, and plays them to the scripts again.
struct EventsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Record the events that a server gets, and play them to the scripts again.",
        discussion: """
              nightjar events record evening.jsonl
              nightjar events replay evening.jsonl

            A recording is a file of JSON lines, see docs/ps2.md.
            """,
        subcommands: [RecordCommand.self, ReplayCommand.self]
    )
}
