import NIOCore

/// The inputs of one unit on one worker, in order.
///
/// Bounded: what may be refused is refused when too many or too large inputs wait (`offer`); what must not be lost is bounded
/// where it comes from and always taken (`append`).
package struct Mailbox {
    private var inputs = CircularBuffer<Input>()
    /// Inputs that can be refused, and the bytes of all.
    private(set) var refusables = 0
    private(set) var bytes = 0
    private let refusablesMax: Int
    private let bytesMax: Int

    init(limits: RuntimeLimits) {
        refusablesMax = limits.mailboxInputs
        bytesMax = limits.mailboxBytes
    }

    @inline(__always) var isEmpty: Bool { inputs.isEmpty }
    var count: Int { inputs.count }

    /// Whether an input of so many bytes would be refused now. An empty mailbox takes one of any size.
    package func refuses(bytes count: Int = 0, inputs: Int = 1) -> Bool {
        refusables + inputs > refusablesMax || (bytes > 0 && bytes + count > bytesMax)
    }

    mutating func append(_ input: Input) {
        inputs.append(input)
        bytes += input.byteCount
        if input.isRefusable { refusables += 1 }
    }

    /// False: the mailbox is full, and the input is not in it.
    mutating func offer(_ input: Input) -> Bool {
        if input.isRefusable, refuses(bytes: input.byteCount) { return false }
        append(input)
        return true
    }

    mutating func takeFirst() -> Input? {
        guard let input = inputs.popFirst() else { return nil }
        bytes -= input.byteCount
        if input.isRefusable { refusables -= 1 }
        // A burst's memory is given back.
        if inputs.isEmpty, inputs.capacity > 4_096 { inputs = CircularBuffer() }
        return input
    }
}
