import ArgumentParser

/// Options of the commands that start a server. What is given here wins over the environment and the file.
struct ServingOptions: ParsableArguments {
    @Flag(help: "Development mode: saved scripts become live, errors are shown in the browser.")
    var debug = false

    @Option(help: "Address to listen on.")
    var host: String?

    @Option(help: "Port to listen on; 0 lets the system choose.")
    var port: Int?

    @Flag(help: "Keep everything in memory.")
    var ephemeral = false

    @Option(help: "Write the bound port to this file; those of further listeners to FILE.NAME.")
    var portFile: String?

    @Option(help: "Least severe level that is logged: trace, debug, info, notice, warning, error, critical.")
    var logLevel: String?

    @Option(help: "Write the log to this file instead of standard error; SIGUSR1 opens it anew.")
    var logFile: String?

    func apply(to settings: inout Settings) {
        if debug { settings.debug = true }
        if let host { settings.host = host }
        if let port { settings.httpPort = port }
        if ephemeral { settings.ephemeral = true }
        if let portFile { settings.portFile = portFile }
        if let logLevel { settings.logLevel = logLevel }
        if let logFile { settings.logFile = logFile }
    }
}
