/// Runs a server for the time of `body`.
///
/// - Throws: What `body` throws; ``UnexpectedScriptErrors`` if a handler of a script raised an error that `body` did not expect.
public func withTestServer<R>(
    _ options: ServerOptions, allowsScriptErrors: Bool = false, _ body: (TestServer) async throws -> R
) async throws -> R {
    let server = try await TestServer(options)
    let result: R
    do { result = try await body(server) } catch {
        await server.stop()
        throw error
    }
    let errors = server.scriptErrors
    await server.stop()
    guard allowsScriptErrors || errors.isEmpty else { throw UnexpectedScriptErrors(errors: errors) }
    return result
}

/// Runs a server with packages for the time of `body`.
///
/// - Parameters:
///   - packages: Name → text of `main.lua`.
///   - set: Says the rest, see ``ServerOptions``.
public func withTestServer<R>(
    packages: [String: String], _ set: (inout ServerOptions) -> Void = { _ in }, allowsScriptErrors: Bool = false,
    _ body: (TestServer) async throws -> R
) async throws -> R {
    var options = ServerOptions()
    options.packages = packages
    set(&options)
    return try await withTestServer(options, allowsScriptErrors: allowsScriptErrors, body)
}

/// Scripts raised errors in a test that wants none.
public struct UnexpectedScriptErrors: Error, CustomStringConvertible {
    /// Each with its line.
    public let errors: [String]
    public var description: String { errors.joined(separator: "\n") }
}
