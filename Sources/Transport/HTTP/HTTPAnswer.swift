import Bytes
package import NIOCore
package import NIOHTTP1

/// An answer on its way to the encoder. See ``HTTPReply/send(status:type:headers:body:)`` for what its members may be.
package struct HTTPAnswer: Sendable {
    package var status: Int
    /// What the body is; nil: `headers` say so.
    package var type: ContentType?
    package var headers: HTTPHeaders
    package var body: ByteBuffer

    package init(status: Int = 200, type: ContentType? = nil, headers: HTTPHeaders = HTTPHeaders(), body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.type = type
        self.headers = headers
        self.body = body
    }
}

extension HTTPAnswer {
    static func error(status: Int, code: String, message: String) -> HTTPAnswer {
        HTTPAnswer(status: status, type: .json, body: ByteBuffer(bytes: ErrorBody.json(code: code, message: message)))
    }

    init(_ refusal: RequestRefusal, headers: HTTPHeaders) {
        self = .error(status: refusal.status, code: refusal.code, message: refusal.message)
        self.headers = headers
    }

    /// In place of one that would not be understood.
    static let unsendable = error(status: 500, code: "bad_answer", message: "The answer could not be sent.")
}

/// The transport's own error answers.
enum ErrorBody {
    static func json(code: String, message: String) -> [UInt8] {
        var json: [UInt8] = []
        json.append(text: "{\"error\":{\"code\":")
        json.append(jsonString: code)
        json.append(text: ",\"message\":")
        json.append(jsonString: message)
        json.append(text: "}}")
        return json
    }
}
