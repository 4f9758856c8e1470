import LuaRuntime

/// `nightjar.data` and `nightjar.files`: files of the package.
enum DataAPI {
    static let functions = [data, files]

    private static let data = HostFunction(
        "data", [HostParameter("path", .string, "Inside the package's folder, like \"data/words.txt\".")],
        returns: [HostReturn("text", .string, "The file's bytes.")],
        """
        Reads a file of the package while the script loads; a change of the file loads the package anew. Handlers get the text \
        of files that were read then.
        """
    ) { call in
        let context = call.instance.context
        let path = call.string(0) ?? ""
        if let known = context.data[path] {
            call.returnBytes(known)
            return .values
        }
        guard let snapshot = context.snapshot else {
            return .raise("nightjar.data reads files only while the script loads; \"\(path)\" was not read then")
        }
        let file: SourceFile
        do throws(ModuleNames.Malformed) { file = try ModuleNames.dataFile(path, unit: context.source) } catch { return .raise(error.message) }
        do throws(Files.ReadFailure) {
            let bytes = try context.read(file, snapshot)
            context.data[path] = bytes
            call.returnBytes(bytes)
            return .values
        } catch {
            return .raise("\(file.label) \(error.sentence("is missing"))")
        }
    }

    private static let files = HostFunction(
        "files",
        [
            HostParameter("folder", .string, "Inside the package's folder, like \"ops\"."),
            HostParameter("suffix", .string, optional: true, "Only names that end so, like \".lua\"."),
        ],
        returns: [HostReturn("names", .table, "Sorted list of file names, without the folder.")],
        """
        Lists the files of a folder of the package while the script loads; a file that comes or goes loads the package anew. \
        Handlers get the list that was made then.
        """
    ) { call in
        let context = call.instance.context
        let path = call.string(0) ?? ""
        if context.listings[path] == nil {
            guard let snapshot = context.snapshot else {
                return .raise("nightjar.files lists folders only while the script loads; \"\(path)\" was not listed then")
            }
            let folder: SourceFile
            do throws(ModuleNames.Malformed) { folder = try ModuleNames.dataFile(path, unit: context.source) } catch { return .raise(error.message) }
            guard let names = context.list(folder, snapshot) else { return .raise("there is no folder \(folder.label)") }
            context.listings[path] = names
        }
        let suffix = call.string(1) ?? ""
        let names = context.listings[path, default: []].filter { $0.hasSuffix(suffix) }
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
