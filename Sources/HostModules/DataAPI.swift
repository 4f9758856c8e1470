import Bytes
import Host
import LuaRuntime

/// `nightjar.data` and `nightjar.files`: files of the package.
struct DataAPI: HostModule {
    var functions: [HostFunction] { [Self.data, Self.files] }

    /// Bytes of a path; longer ones name no file.
    private static let pathBytesMax = 1_024

    private static let data = HostFunction(
        "data",
        [
            HostParameter("path", .string, "Inside the package's folder, like \"data/words.txt\"."),
            HostParameter(
                "options", .table, optional: true, as: "nightjar.DataOptions",
                fields: [HostField("shipped", .boolean, about: "The package's own file, also if the operator has put another in its place.")]),
        ],
        returns: [HostReturn("text", .string, "The file's bytes.")],
        """
        Reads a file of the package while the script loads; a change of the file loads the package anew. Handlers get the text \
        of files that were read then. A file of the same path in `packages/NAME` of the data folder takes its place.
        """
    ) { call in
        guard call.length(0) <= pathBytesMax else { return .raise("bad argument #1 to 'data' (at most \(pathBytesMax) bytes expected)") }
        let shipped = call.count > 1 && call.boolean(field: "shipped", of: 1) == true
        do throws(FileProblem) { call.returnBytes(try call.generation.files.data(call.string(0) ?? "", shipped: shipped)) } catch { return .raise(error.message) }
        return .values
    }

    private static let files = HostFunction(
        "files",
        [
            HostParameter("folder", .string, "Inside the package's folder, like \"ops\"."),
            HostParameter("suffix", .string, optional: true, "Only names that end so, like \".lua\"."),
        ],
        returns: [HostReturn("names", .table, "Sorted list of file names, without the folder.", as: "string[]")],
        """
        Lists the files of a folder of the package while the script loads; a file that comes or goes loads the package anew. \
        Handlers get the list that was made then.
        """
    ) { call in
        guard call.length(0) <= pathBytesMax else { return .raise("bad argument #1 to 'files' (at most \(pathBytesMax) bytes expected)") }
        let suffix = call.string(1) ?? ""
        let names: [String]
        do throws(FileProblem) {
            names = try call.generation.files.names(in: call.string(0) ?? "").filter { $0.hasSuffix(suffix) }
        } catch {
            return .raise(error.message)
        }
        var list: [UInt8] = []
        list.append(UInt8(ascii: "["))
        for (index, name) in names.enumerated() {
            if index > 0 { list.append(UInt8(ascii: ",")) }
            list.append(jsonString: name)
        }
        list.append(UInt8(ascii: "]"))
        call.returnJSON(list)
        return .values
    }
}
