/// The requests that handlers of one generation are looking at. A request object holds only a number, which is never given twice.
struct RequestTable {
    private struct Place {
        /// 0: free.
        var number: Int64 = 0
        var request: RequestInfo?
    }

    /// Bits of a number that are its place: room for many times the handlers that may wait at once (`RuntimeLimits.waitingJobs`).
    private static let placeBits: Int64 = 24

    private var places: [Place] = []
    private var free: [Int] = []
    private var next: Int64 = 1

    init() {}

    mutating func add(_ request: RequestInfo) -> Int64 {
        let place = free.popLast() ?? {
            places.append(Place())
            return places.count - 1
        }()
        let number = next << Self.placeBits | Int64(place)
        next += 1
        places[place] = Place(number: number, request: request)
        return number
    }

    mutating func remove(_ number: Int64) {
        guard let place = place(of: number) else { return }
        places[place] = Place()
        free.append(place)
    }

    subscript(number: Int64) -> RequestInfo? { place(of: number).flatMap { places[$0].request } }

    var count: Int { places.count - free.count }

    /// Nil: there is none of this number, or not any more.
    private func place(of number: Int64) -> Int? {
        let place = Int(number & (1 << Self.placeBits - 1))
        return number > 0 && place < places.count && places[place].number == number ? place : nil
    }
}
