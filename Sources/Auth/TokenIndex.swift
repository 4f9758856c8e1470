import Crypto
import FoundationEssentials

/// What a book knows of a subject.
public struct TokenRecord: Sendable, Hashable {
    public var subject: String
    /// SHA-256 of the token. The token itself is nowhere.
    var digest: [UInt8]
    /// Milliseconds since 1970.
    public var issued: Int64
    /// What the owner of the book keeps beside it.
    public var data: [UInt8]

    /// First digits of the digest, to tell tokens apart in a list. Not of the token: each digit shown would make it four bits easier to find.
    public var hint: String { String(LoginAddress.hex(digest).prefix(4)) }
}

/// A book's records in memory: one token per subject, found by either. A value.
struct TokenIndex: Sendable {
    private(set) var bySubject: [String: TokenRecord] = [:]
    private var subjects: [[UInt8]: String] = [:]

    static func digest(of token: some Collection<UInt8>) -> [UInt8] { Array(SHA256.hash(data: Array(token))) }

    /// Who has this token. Looked up by digest: how long that takes tells nothing of the token.
    func record(of token: some Collection<UInt8>) -> TokenRecord? { subjects[Self.digest(of: token)].flatMap { bySubject[$0] } }

    mutating func set(_ record: TokenRecord) {
        if let former = bySubject[record.subject] { subjects[former.digest] = nil }
        bySubject[record.subject] = record
        subjects[record.digest] = record.subject
    }

    mutating func remove(_ subject: String) {
        guard let former = bySubject.removeValue(forKey: subject) else { return }
        subjects[former.digest] = nil
    }

    /// By subject.
    var sorted: [TokenRecord] { bySubject.values.sorted { $0.subject < $1.subject } }
}

/// A record as it is stored.
struct StoredToken: Codable, Sendable {
    private var version = 1
    private var sha256: Data
    private var issued: Int64
    private var data: Data

    init(_ record: TokenRecord) {
        sha256 = Data(record.digest)
        issued = record.issued
        data = Data(record.data)
    }

    var bytes: [UInt8] { (try? JSONEncoder().encode(self)).map(Array.init) ?? [] }

    /// Nil: this is none of this release.
    static func record(_ subject: String, _ bytes: [UInt8]) -> TokenRecord? {
        guard let stored = try? JSONDecoder().decode(StoredToken.self, from: Data(bytes)), stored.version == 1, stored.sha256.count == 32 else { return nil }
        return TokenRecord(subject: subject, digest: Array(stored.sha256), issued: stored.issued, data: Array(stored.data))
    }
}
