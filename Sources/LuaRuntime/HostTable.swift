internal import CLuaShim

/// All functions and object types the host offers to scripts. Built once, shared by all states, any thread.
public final class HostTable: Sendable {
    public let functions: [HostFunction]
    public let types: [HostType]
    let native: NativeTable

    /// Traps on a table that contradicts itself (names twice, unknown types, more than eight parameters): a mistake of the
    /// program, not of its input.
    public init(functions: [HostFunction] = [], types: [HostType] = []) {
        self.functions = functions
        self.types = types
        native = NativeTable(functions: functions, types: types)
    }
}

/// The table as the shim reads it, and the bodies in the same order.
///
/// @unchecked Sendable: written by `init` only, freed by `deinit` only; the states that point into it hold a reference.
final class NativeTable: @unchecked Sendable {
    let functions: UnsafeMutableBufferPointer<nj_function>
    let types: UnsafeMutableBufferPointer<nj_type>
    let bodies: UnsafeMutableBufferPointer<HostFunction.Body>
    /// Index of the first argument that is a table of options, per function; `Int.max` without one.
    let firstOptions: UnsafeMutableBufferPointer<Int>
    private let options: [OptionArguments?]
    private let texts: [UnsafeMutablePointer<CChar>]

    init(functions: [HostFunction], types: [HostType]) {
        var builder = NativeTableBuilder(types)
        for function in functions { builder.add(function) }
        for type in types {
            for method in type.methods { builder.add(method, of: type, role: NJ_ROLE_METHOD) }
            for property in type.properties {
                builder.add(HostFunction(property.name, body: property.body), of: type, role: NJ_ROLE_PROPERTY)
            }
        }
        self.functions = .allocate(capacity: builder.functions.count)
        _ = self.functions.initialize(from: builder.functions)
        bodies = .allocate(capacity: builder.bodies.count)
        _ = bodies.initialize(from: builder.bodies)
        firstOptions = .allocate(capacity: builder.options.count)
        _ = firstOptions.initialize(from: builder.options.map { $0?.fields.first?.index ?? .max })
        options = builder.options
        self.types = .allocate(capacity: builder.types.count)
        _ = self.types.initialize(from: builder.types)
        texts = builder.texts
    }

    deinit {
        bodies.deinitialize()
        bodies.deallocate()
        firstOptions.deallocate()
        functions.deallocate()
        types.deallocate()
        for text in texts { text.deallocate() }
    }

    /// What is wrong with the options that a function is called with; nil if nothing is.
    func mistake(in call: borrowing HostCall, _ selector: Int) -> String? {
        guard let options = options[selector] else { return nil }
        for (index, fields) in options.fields where call.count > index {
            do throws(HostFieldMistake) { try HostField.check(fields, call.view, index, of: options.label) } catch { return error.message }
        }
        return nil
    }
}

/// The option tables that a function takes.
private struct OptionArguments {
    /// Of the function, for messages.
    let label: String
    /// By argument.
    let fields: [(index: Int, fields: [HostField])]
}

/// Collects the shim's descriptors.
private struct NativeTableBuilder {
    var functions: [nj_function] = []
    var types: [nj_type]
    var bodies: [HostFunction.Body] = []
    var options: [OptionArguments?] = []
    var texts: [UnsafeMutablePointer<CChar>] = []
    private var names: Set<String> = []

    init(_ hostTypes: [HostType]) {
        types = Array(repeating: nj_type(name: nil, has_data: 0), count: (hostTypes.map { Int($0.id.rawValue) + 1 }.max() ?? 0))
        for type in hostTypes {
            precondition(types[Int(type.id.rawValue)].name == nil, "two types with the number \(type.id.rawValue)")
            types[Int(type.id.rawValue)] = nj_type(name: text(type.name), has_data: type.hasData ? 1 : 0)
        }
    }

    mutating func add(_ function: HostFunction, of type: HostType? = nil, role: nj_function_role = NJ_ROLE_FUNCTION) {
        let label: String
        if let type {
            label = "\(type.name)\(role == NJ_ROLE_METHOD ? ":" : ".")\(function.name)"
        } else {
            label = function.module.isEmpty ? function.name : "\(function.module).\(function.name)"
        }
        precondition(names.insert(label).inserted, "\(label) is declared twice")
        precondition(function.parameters.count <= Int(NJ_PARAMETERS_MAX), "\(label) has too many parameters")
        var descriptor = nj_function()
        descriptor.module = UnsafePointer(text(function.module))
        descriptor.name = UnsafePointer(text(function.name))
        descriptor.label = UnsafePointer(text(label))
        descriptor.parameters = Int32(function.parameters.count)
        descriptor.role = Int32(role.rawValue)
        descriptor.type = Int32(type?.id.rawValue ?? 0)
        descriptor.waits = function.waits ? 1 : 0
        descriptor.pure = function.isPure ? 1 : 0
        withUnsafeMutableBytes(of: &descriptor.accepts) { accepts in
            let masks = accepts.bindMemory(to: UInt64.self)
            for (index, parameter) in function.parameters.enumerated() {
                masks[index] = parameter.types.union(parameter.isOptional ? .nil : []).rawValue
            }
        }
        functions.append(descriptor)
        bodies.append(function.body)
        let fields = function.parameters.enumerated().filter { !$0.element.fields.isEmpty }.map { (index: $0.offset, fields: $0.element.fields) }
        options.append(fields.isEmpty ? nil : OptionArguments(label: label, fields: fields))
    }

    private mutating func text(_ string: String) -> UnsafeMutablePointer<CChar> {
        let utf8 = string.utf8CString
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
        utf8.withUnsafeBufferPointer { copy.initialize(from: $0.baseAddress.unsafelyUnwrapped, count: $0.count) }
        texts.append(copy)
        return copy
    }
}
