import NIOCore
import NIOHTTP1

/// Answers: in order, bounded, and the ends that follow from them.
extension HTTPConnection {
    /// An answer from the responder; ignored unless it is the one that is due.
    func answer(_ serial: UInt64, _ answer: HTTPAnswer, _ length: Int? = nil, _ stream: (any BodyStream)? = nil) {
        guard serial == self.serial, phase == .answering, let exchange = current else {
            stream?.end()
            return
        }
        let isHead = exchange.head.method == .HEAD
        write(answer, length: length ?? answer.body.readableBytes, isHead: isHead)
        reply = nil
        if let stream, let length, !isHead, length > 0, phase == .answering {
            phase = .streaming
            self.stream = stream
            streamRemaining = length
            flush()
            sendNextPiece()
            return
        }
        stream?.end()
        answered()
    }

    /// The responder let go of the request without an answer.
    func dropped(_ serial: UInt64) {
        answer(serial, .error(status: 500, code: "no_answer", message: "The request was not answered."))
    }

    func write(_ answer: HTTPAnswer, length: Int, isHead: Bool) {
        var answer = answer
        var length = length
        if !(200...599).contains(answer.status) {
            answer = .error(status: 500, code: "bad_answer", message: "The answer could not be sent.")
            length = answer.body.readableBytes
        }
        if let cors = current?.options.cors, let origin = current?.summary.origin { cors.add(to: &answer.headers, origin: origin) }
        let isBodiless = answer.status == 204 || answer.status == 304
        startOutgoing()
        let date = loop.date.bytes
        let encoded = HTTPResponseEncoder.append(
            status: answer.status, headers: answer.headers, length: isBodiless ? nil : length,
            persistence: persistence, date: date, to: &outgoing)
        if !encoded {
            current?.keepAlive = false
            answer = .error(status: 500, code: "bad_answer", message: "The answer could not be sent.")
            _ = HTTPResponseEncoder.append(
                status: 500, headers: answer.headers, length: answer.body.readableBytes, persistence: persistence,
                date: date, to: &outgoing)
        }
        noteAccess(answer.status, bytes: isHead || isBodiless ? 0 : length)
        if isHead || isBodiless { return }
        if answer.body.readableBytes < Self.separateBodyBytesMin {
            outgoing.writeImmutableBuffer(answer.body)
        } else {
            writer.noteQueued()
            channel?.write(NIOAny(takeOutgoing()), promise: nil)
            channel?.write(NIOAny(answer.body), promise: nil)
            startOutgoing()
        }
        if outgoing.readableBytes > Self.batchBytesMax { flush() }
    }

    var persistence: HTTPResponseEncoder.Persistence {
        guard let current, current.keepAlive, !isLast, !loop.isDraining else { return .close }
        return current.head.version.minor == 0 ? .keepAliveTold : .keepAlive
    }

    /// The answer is written; on to the next request, or the end.
    func answered() {
        let goesOn = current?.keepAlive == true && !isLast && !loop.isDraining
        current = nil
        stream = nil
        lastWaiting = .max
        guard goesOn else { return finish(half: ending != nil || !queue.isEmpty) }
        phase = .idle
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.keepAliveTimeout))
        if !isReading { flush() }
        if !isProcessing { proceed() }
    }

    func sendNextPiece() {
        guard phase == .streaming, let stream else { return }
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.sendTimeout))
        stream.next { piece in
            guard self.phase == .streaming, let channel = self.channel else { return }
            guard let piece, piece.readableBytes > 0, piece.readableBytes <= self.streamRemaining else {
                // The length was promised; only cutting the connection tells the client that it is not true.
                return self.abort()
            }
            self.streamRemaining -= piece.readableBytes
            let written = channel.eventLoop.makePromise(of: Void.self)
            written.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { result in
                guard case .success = result, self.phase == .streaming else { return }
                if self.streamRemaining > 0 { return self.sendNextPiece() }
                self.stream?.end()
                self.answered()
            }
            self.writer.noteQueued()
            channel.writeAndFlush(NIOAny(piece), promise: written)
        }
    }

    /// Answers with an error and ends the connection.
    func refuse(_ refusal: HeadSummary.Refusal, headers: HTTPHeaders = [:]) {
        current?.keepAlive = false
        var answer = HTTPAnswer.error(status: refusal.status, code: refusal.code, message: refusal.message)
        answer.headers.add(contentsOf: headers)
        write(answer, length: answer.body.readableBytes, isHead: current?.head.method == .HEAD)
        finish(half: true)
    }

    /// Writes what there is and ends the connection: both ways if the client has nothing more to say, else our way, so that
    /// its data does not reset the connection before it has read the answer.
    func finish(half: Bool) {
        guard let channel, phase != .closed else { return }
        phase = .ending
        current = nil
        queue.removeAll()
        loop.wheel.set(self, after: TimerWheel.ticks(loop.limits.sendTimeout))
        let written = channel.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolatedUnsafeUnchecked().whenComplete { _ in
            channel.close(mode: half ? .output : .all, promise: nil)
            if self.phase == .ending { self.loop.wheel.set(self, after: TimerWheel.ticks(self.loop.limits.closeTimeout)) }
        }
        startOutgoing()
        writer.noteQueued()
        channel.writeAndFlush(NIOAny(takeOutgoing()), promise: written)
        if isReadHeld {
            isReadHeld = false
            channel.read()
        }
    }
}
