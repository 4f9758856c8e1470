import LuaRuntime
import NIOCore

/// One call of a function that a package provides (`nightjar.provide`), on its way through that package's mailbox.
///
/// Made on one loop and handed over to the provider's; answered once, on the provider's loop.
final class ProvidedCall {
    /// How the results are wanted.
    enum Form: Sendable {
        case plain, json
    }

    /// Its name, set when the provider is found.
    var function = ""
    let arguments: [WaitValue]
    let form: Form
    /// Set while the results are on the stack, told when the handler has ended.
    var outcome: CallOutcome?
    private var done: (@Sendable (CallOutcome) -> Void)?

    /// - Parameter done: Hops by itself; it must not run anything of the caller inside the call.
    init(arguments: [WaitValue], form: Form, _ done: @escaping @Sendable (CallOutcome) -> Void) {
        self.arguments = arguments
        self.form = form
        self.done = done
    }

    var byteCount: Int { arguments.reduce(0) { $0 + $1.byteCount } }

    func finish(_ outcome: CallOutcome) {
        done?(outcome)
        done = nil
    }

    func fail(_ code: String, _ detail: String) { finish(.failure(code: code, detail: detail)) }
}

/// Results of a provided function, encoded as plain data.
enum CallOutcome: Sendable {
    case values([WaitValue])
    case failure(code: String, detail: String)

    /// Bytes of all results of a call: as much as its arguments may have.
    private static let bytesMax = 4 << 20

    /// A function's results while they are on the stack, at most eight.
    init(_ results: borrowing LuaResults, _ form: ProvidedCall.Form) {
        var values: [WaitValue] = []
        var bytes = 0
        for index in 0..<min(results.count, 8) {
            do throws(ScriptError) {
                let value: WaitValue
                switch form {
                case .json: value = .json(try results.json(index))
                case .plain: value = .plain(try results.plain(index))
                }
                // The same table may be several results.
                bytes += value.byteCount
                guard bytes <= Self.bytesMax else {
                    self = .failure(code: "too_large", detail: "the results have more than \(Self.bytesMax) bytes")
                    return
                }
                values.append(value)
            } catch {
                self = .failure(code: "bad_result", detail: error.message)
                return
            }
        }
        self = .values(values)
    }
}

/// Why a provided function gave no result.
public struct CallFailure: Error, Sendable, Equatable {
    /// Stable: `no_such_function`, `busy`, `closed`, `timeout`, or the code of a script's error.
    public let code: String
    /// For the log.
    public let detail: String
}
