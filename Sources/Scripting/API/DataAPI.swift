import LuaRuntime

/// `nightjar.data`: files of the package.
enum DataAPI {
    static let functions = [data]

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
}
