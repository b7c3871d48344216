import Support

/// The value of the header D360-API-KEY; belongs to one phone number.
package struct APIKey: Sendable {
    package let text: String

    /// A byte that no header may carry is the caller's mistake; an empty key is one that no service knows.
    package init(_ text: String) throws(Failure) {
        var text = text
        guard text.withUTF8({ bytes in bytes.allSatisfy { $0 >= 0x21 && $0 <= 0x7E } }) else {
            throw Failure(.invalidArgument, "api_key must only contain bytes from 0x21 to 0x7E")
        }
        guard !text.isEmpty else { throw .unauthorized }
        self.text = text
    }
}

extension APIKey: CustomStringConvertible, CustomDebugStringConvertible {
    package var description: String { "***" }
    package var debugDescription: String { description }
}

extension Failure {
    package static let unauthorized = Failure(.unauthorized, "the API key is missing or wrong")
}
