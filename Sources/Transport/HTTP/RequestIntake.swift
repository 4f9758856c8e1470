import NIOCore
import NIOHTTP1

/// The requests of a connection on their way in: decoded, routed and put together, one at a time. Knows nothing of the socket.
struct RequestIntake: ~Copyable {
    enum Step {
        /// What was read is used up, but for the beginning of a head.
        case needMore
        /// The head of a request is there and somebody wants it; without a body it is complete.
        case head(hasBody: Bool)
        /// The request with a body is complete.
        case complete
        /// It gets an answer of the transport. Unless it goes on, nothing may be taken in after it.
        case refused(RequestRefusal, HTTPHeaders, goesOn: Bool)
    }

    private(set) var decoder: RequestDecoder
    private var router: RequestRouter
    /// The request that is being received or answered.
    private var current: CurrentRequest?
    /// What was read and cannot be decoded yet.
    var held = HeldInput()
    /// Something was read behind the current request.
    private(set) var moreFollows = false
    private let pipelinedRequestsMax: Int

    init(_ limits: TransportLimits, _ routes: ListenerRoutes, _ hosts: HostPolicy) {
        decoder = RequestDecoder(limits)
        router = RequestRouter(routes, hosts)
        pipelinedRequestsMax = limits.pipelinedRequestsMax
    }

    /// - Parameter isDraining: The server is about to stop.
    mutating func next(_ input: inout RequestInput, _ memory: inout FieldMemory, isDraining: Bool) -> Step {
        while true {
            let output = decoder.next(&input, &memory)
            moreFollows = input.remaining > 0
            switch output {
            case .needMore:
                held.catchUp()
                return .needMore
            case .head: return begin(isDraining: isDraining)
            case .body(let part):
                guard current?.receive(part) == false else { continue }
                endAfterCurrent()
                return .refused(Self.bodyTooLarge, [:], goesOn: false)
            case .end: return .complete
            case .refused(let refusal):
                if decoder.knowsTarget { current = CurrentRequest(target: .none, keepAlive: false) }
                endAfterCurrent()
                return .refused(refusal, [:], goesOn: false)
            }
        }
    }

    private static let bodyTooLarge = RequestRefusal(status: 413, code: "body_too_large", message: "The request body is too large.")

    private mutating func begin(isDraining: Bool) -> Step {
        let hasBody = decoder.head.hasBody
        // Nobody sends so many ahead; those before that are still answered.
        let isLast = held.begin() >= pipelinedRequestsMax && moreFollows
        do throws(RequestRouter.Unroutable) {
            current = try router.route(decoder.head, isDraining: isDraining)
        } catch {
            // A refused request's body would have to be read to get at the next one; ending is simpler and safe.
            let goesOn = !hasBody && !isLast && RequestRouter.goesOn(after: decoder.head, isDraining: isDraining)
            current = CurrentRequest(target: .none, keepAlive: goesOn)
            current?.options.cors = error.cors
            return .refused(error.refusal, error.headers, goesOn: goesOn)
        }
        if isLast { current?.keepAlive = false }
        return .head(hasBody: hasBody)
    }

    /// Decoding stops for now, for an answer is not there or its client does not take it.
    mutating func pause() { if moreFollows { held.fallBehind() } }

    /// The current request's body, which it holds no longer.
    mutating func takeBody() -> ByteBuffer? {
        guard current?.body != nil else { return nil }
        defer { current?.body = nil }
        return current?.body
    }

    /// The current request is the connection's last.
    mutating func endAfterCurrent() { current?.keepAlive = false }

    /// The current request is answered.
    mutating func answered() { current = nil }

    /// The connection ends: nothing more is taken in.
    mutating func end() {
        current = nil
        held = HeldInput()
    }

    // MARK: The current request

    var hasCurrent: Bool { current != nil }

    var target: CurrentRequest.Target { current?.target ?? .none }

    var parameters: RouteParameters { current?.parameters ?? RouteParameters() }

    /// The current request wants no body.
    var isForHead: Bool {
        guard current != nil, case .HEAD = decoder.head.method else { return false }
        return true
    }

    /// How the connection goes on after the current request.
    var persistence: HTTPResponseEncoder.Persistence {
        guard current?.keepAlive == true else { return .close }
        return decoder.head.isOld ? .keepAliveTold : .keepAlive
    }

    /// The policy by which pages of another site may read the answer, and which site. What all may read says so to everybody: a
    /// browser may keep it, and a page of another site may be the next to want it. Nil: nobody is to be told anything.
    var cors: (policy: CORSPolicy, origin: String)? {
        guard let policy = current?.options.cors else { return nil }
        guard let origin = decoder.head.origin else { return policy.origins == nil ? (policy, "") : nil }
        return (policy, decoder.head.fields[origin])
    }

    /// Bytes of memory that a request takes which is not complete or waits.
    var heldBytes: Int { (current?.body?.capacity ?? 0) + held.capacity }
}
