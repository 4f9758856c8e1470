/// What standard output says of a listener: an address that a person can open.
enum StartLine {
    static func text(listener: String, host: String, port: Int, isSecure: Bool) -> String {
        let address = "\(isSecure ? "https" : "http")://\(shown(host)):\(port)/"
        return listener == "main" ? "Nightjar is listening on \(address)" : "  \(listener): \(address)"
    }

    /// Nobody can open the address that means all of them.
    private static func shown(_ host: String) -> String {
        if host == "0.0.0.0" || host == "::" { return "localhost" }
        return host.contains(":") ? "[\(host)]" : host
    }
}
