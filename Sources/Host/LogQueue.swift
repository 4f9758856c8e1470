/// The lines that wait for one listener, and when it gets them. A value without clock or thread.
struct LogQueue {
    /// Lines of one delivery; a handler has 20 ms for them. With a delivery every 50 ms that is 10,000 lines a second, more
    /// than a server that is well writes in a minute.
    static let linesMax = 500
    /// Their bytes as JSON. As much as may wait for one connection, since the lines mostly end up at one.
    static let bytesMax = 256 * 1_024
    /// Lines of packages that listen themselves, of one delivery. What a listener brings about indirectly (by a timer, a
    /// coroutine, another listener) would come back to it and bring about more; this keeps it a trickle.
    static let ownLinesMax = 5

    private enum Phase {
        case idle
        /// A delivery will come.
        case scheduled
        /// The handler has lines and has not ended.
        case running
    }

    private var phase = Phase.idle
    private var json: [UInt8] = []
    private var count = 0
    private var ownCount = 0
    private(set) var dropped = 0

    init() {}

    /// Adds a line, or counts it as dropped.
    ///
    /// - Parameter isOwn: It is from a package that listens.
    /// - Returns: A delivery has to be scheduled.
    mutating func add(_ line: [UInt8], isOwn: Bool) -> Bool {
        if count < Self.linesMax, json.count + line.count < Self.bytesMax, !isOwn || ownCount < Self.ownLinesMax {
            if count > 0 { json.append(UInt8(ascii: ",")) }
            json += line
            count += 1
            if isOwn { ownCount += 1 }
        } else {
            dropped += 1
        }
        guard phase == .idle else { return false }
        phase = .scheduled
        return true
    }

    /// The list for the handler, which runs from now on; nil if there is none.
    ///
    /// - Parameter notice: Makes the line that tells how many are missing.
    mutating func take(_ notice: (_ dropped: Int) -> [UInt8]) -> [UInt8]? {
        guard phase == .scheduled else { return nil }
        guard count > 0 || dropped > 0 else {
            phase = .idle
            return nil
        }
        phase = .running
        var list = [UInt8(ascii: "[")]
        list += json
        if dropped > 0 {
            if count > 0 { list.append(UInt8(ascii: ",")) }
            list += notice(dropped)
        }
        list.append(UInt8(ascii: "]"))
        json.removeAll(keepingCapacity: json.count <= 16 * 1_024)
        (count, ownCount, dropped) = (0, 0, 0)
        return list
    }

    /// The handler has ended, or could not run.
    ///
    /// - Returns: A delivery has to be scheduled, for what came meanwhile.
    mutating func finished() -> Bool {
        phase = count > 0 || dropped > 0 ? .scheduled : .idle
        return phase == .scheduled
    }
}
