/// Why the transport answers a request itself, with an error.
struct RequestRefusal: Error, Equatable {
    var status: Int
    var code: String
    var message: String

    /// What is no request.
    static let malformed = malformed("The request is malformed.")

    static func malformed(_ message: String) -> RequestRefusal { RequestRefusal(status: 400, code: "bad_request", message: message) }
}
