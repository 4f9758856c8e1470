/// What most bodies are. Named without the checks that a header field of somebody else needs.
public enum ContentType: Sendable {
    /// `text/plain; charset=utf-8`
    case text
    /// `application/json`
    case json

    /// As a field is written.
    var line: StaticString {
        switch self {
        case .text: "content-type: text/plain; charset=utf-8\r\n"
        case .json: "content-type: application/json\r\n"
        }
    }
}
