import NIOCore

/// A body that is sent piece by piece, each when the one before is in the socket. Used on the loop.
protocol BodyStream: AnyObject {
    /// Delivers the next piece, never empty, on the loop; nil: failed, the connection is cut.
    func next(_ done: @escaping (ByteBuffer?) -> Void)
    /// No more pieces will be asked for.
    func end()
}

/// A long body on its way out, whose length was promised.
final class StreamedBody {
    enum Step {
        /// A piece is in the socket, others follow.
        case more
        /// That was the last one.
        case done
        /// The stream failed or broke the promise; only cutting the connection tells the client so.
        case failed
        /// The socket is gone.
        case lost
    }

    private let stream: any BodyStream
    private var remaining: Int
    private var isOver = false

    /// - Parameter length: 1….
    init(_ stream: any BodyStream, length: Int) {
        self.stream = stream
        remaining = length
    }

    /// Sends the next piece and tells what became of it, unless it was ended meanwhile.
    func sendPiece(to output: AnswerOutput, _ done: @escaping (Step) -> Void) {
        stream.next { piece in
            guard !self.isOver else { return }
            guard let piece, piece.readableBytes > 0, piece.readableBytes <= self.remaining else { return done(.failed) }
            self.remaining -= piece.readableBytes
            output.write(piece) { isWritten in
                guard !self.isOver else { return }
                done(!isWritten ? .lost : self.remaining > 0 ? .more : .done)
            }
        }
    }

    /// No more pieces are wanted.
    func end() {
        guard !isOver else { return }
        isOver = true
        stream.end()
    }
}
