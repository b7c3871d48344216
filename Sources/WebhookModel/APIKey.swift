/// The value of the header D360-API-KEY; belongs to one phone number.
public struct APIKey: Sendable {
    public let text: String

    /// A byte that no header may carry is the caller's mistake; an empty key is one that no service knows.
    public init(_ text: String) throws(Failure) {
        guard text.utf8.allSatisfy({ $0 >= 0x21 && $0 <= 0x7E }) else {
            throw Failure(.invalidArgument, "api_key holds a byte outside 0x21 to 0x7E")
        }
        guard !text.isEmpty else { throw .unauthorized }
        self.text = text
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible {
    public var description: String { "***" }
    public var debugDescription: String { description }
}

extension Failure {
    public static let unauthorized = Failure(.unauthorized, "the API key is missing or wrong")
}
