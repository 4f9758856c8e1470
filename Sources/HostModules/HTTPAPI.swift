import Foundation
import Host
import LuaRuntime
import Transport

/// `nightjar.http`: routes and static files. (`fetch` has a file of its own.)
struct HTTPAPI: HostModule {
    var functions: [HostFunction] { ["get", "post", "put", "patch", "delete"].map(Self.route) + [Self.folder] }

    /// Routes of one package; every socket loop has them all.
    private static let routesMax = 2_000
    private static let foldersMax = 100

    private static func route(_ name: String) -> HostFunction {
        let method = name.uppercased()
        return HostFunction(
            module: "http", name,
            [
                HostParameter("path", .string, "`/a/:id` has a parameter, `/files/*` matches everything below."),
                HostParameter(
                    "handler", .function,
                    """
                    Gets a request; returns a string, or a table `{status =, headers = {}, body =}` or \
                    `{status =, json = value}`, or nothing (204). May wait.
                    """, as: "fun(request: nightjar.Request): (string|nightjar.Answer)?"),
                HostParameter(
                    "options", .table, optional: true, as: "nightjar.RouteOptions",
                    fields: [
                        HostField("max_body", .integer, in: 0...Double(64 << 20), "bytes", about: "Bytes of a request's body."),
                        HostField(
                            "cors", [.boolean, .table],
                            fields: [
                                HostField(
                                    "headers", [.string, .table], as: "\"any\"|string[]",
                                    about: "Request headers that they may set besides `content-type`; \"any\": whatever they ask for.")
                            ], as: "boolean|nightjar.CORS", about: "Scripts of any site may ask and read the answer."),
                    ]),
            ],
            "Declares a handler for \(method) requests."
        ) { call in declare(&call, name, method) }
    }

    private static func declare(_ call: inout HostCall, _ name: String, _ method: String) -> HostResult {
        if let refusal = call.declarationRefusal("routes") { return refusal }
        guard let path = call.string(0), path.hasPrefix("/") else {
            return .raise("bad argument #1 to 'http.\(name)' (path beginning with '/' expected)")
        }
        let generation = call.generation
        guard generation.registrations.routes.count < routesMax else { return .raise("more than \(routesMax) routes in this package") }
        if let refusal = call.declare([RouteClaim(method: method, pattern: path)]) { return refusal }
        let cors: CORSPolicy?
        do throws(CORSMistake) { cors = try Self.cors(call) } catch {
            return .raise("bad field 'cors.headers' of 'http.\(name)' (\"any\" or a list of at most \(corsHeadersMax) names of headers expected)")
        }
        guard let handler = call.ref(1) else { return .raise("not enough memory") }
        generation.registrations.routes.append(
            .init(
                method: method, pattern: path, handler: handler,
                maxBodyBytes: call.integer(field: "max_body", of: 2).map { Int($0) },
                cors: cors))
        return .none
    }

    /// Names of one list; more than any page sends.
    private static let corsHeadersMax = 32

    private static func cors(_ call: borrowing HostCall) throws(CORSMistake) -> CORSPolicy? {
        guard let option = call.field(2, "cors"), call.boolean(option) != false else { return nil }
        guard call.kind(option) == .table, let headers = call.field(option, "headers") else { return CORSPolicy() }
        if let text = call.string(headers) {
            guard text == "any" else { throw CORSMistake() }
            return CORSPolicy(allowsAnyHeader: true)
        }
        guard call.length(headers) <= corsHeadersMax else { throw CORSMistake() }
        var names = ["content-type"]
        for position in 1...max(1, call.length(headers)) {
            guard let name = call.element(headers, position).flatMap({ call.string($0) }), name.firstMatch(of: /^[A-Za-z0-9_-]{1,64}$/) != nil
            else { throw CORSMistake() }
            names.append(name.lowercased())
        }
        return CORSPolicy(headers: names)
    }

    private struct CORSMistake: Error {}

    private static let folder = HostFunction(
        module: "http", "static",
        [
            HostParameter("path", .string, "Where the files appear."),
            HostParameter("directory", .string, "Folder inside the package's folder, or with `shared` inside `Scripts/lib`."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.FolderOptions",
                fields: [
                    HostField("index", .string, about: "Name of the file that a folder is shown by; default \"index.html\"."),
                    HostField("cors", .boolean, about: "Scripts of any site may read the files."),
                    HostField("shared", .boolean, about: "The folder is one of `Scripts/lib`, for pages that share what they are made of."),
                ]),
        ],
        """
        Serves the files of a folder. Without the slash at the end a browser is sent to the path with it. Files of the same names \
        in `packages/NAME` of the data folder take their places, and others there are served too.
        """
    ) { call in
        if let refusal = call.declarationRefusal("static folders") { return refusal }
        guard let path = call.string(0), path.hasPrefix("/") else {
            return .raise("bad argument #1 to 'http.static' (path beginning with '/' expected)")
        }
        let directory = call.string(1) ?? ""
        let parts = directory.split(separator: "/", omittingEmptySubsequences: false)
        guard !directory.isEmpty, !directory.hasPrefix("/"), !parts.contains("..") else {
            return .raise("bad argument #2 to 'http.static' (folder inside the package expected)")
        }
        let generation = call.generation
        let isShared = call.boolean(field: "shared", of: 2) == true
        guard generation.registrations.folders.count < foldersMax else { return .raise("more than \(foldersMax) static folders in this package") }
        guard let place = isShared ? generation.files.sharedFolder(directory) : generation.files.source.folder.file(directory) else {
            return .raise("bad option 'shared' of 'http.static' (there is no folder lib here)")
        }
        let folder = RouteManifest.StaticFolder(
            prefix: path, directory: place.path, operatorDirectory: isShared ? nil : generation.files.operatorFolder(directory),
            index: call.string(field: "index", of: 2), isOpen: call.boolean(field: "cors", of: 2) == true)
        if let refusal = call.declare(folder.claims) { return refusal }
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: place.path, isDirectory: &isFolder), isFolder.boolValue else {
            return .raise("bad argument #2 to 'http.static' (there is no folder \"\(directory)\" in \(isShared ? "lib" : "this package"))")
        }
        generation.registrations.folders.append(folder)
        return .none
    }
}
