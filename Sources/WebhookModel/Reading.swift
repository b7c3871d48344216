import JSON
import Support

/// A service's answer to one of the three readings, decoded once. A member is nil if the service left it out or said null.
package enum Reading: Sendable {
    case multiWebhook(MultiWebhookReading)
    case customerWebhook(CustomerWebhookReading)
    case wabaWebhook(WABAWebhookReading)

    /// Throws if a documented member has another type than documented. Further members may be there. The end of `call` ends it.
    package init(text: String, of setting: OperationKind.Setting, until call: Call? = nil) throws(Failure) {
        let json = try JSON.answer(text, until: call)
        try call?.check()
        do throws(ShapeFlaw) {
            try json.expect(.object, "the answer")
            switch setting {
            case .multiWebhook: self = .multiWebhook(try MultiWebhookReading(json))
            case .customerWebhook: self = .customerWebhook(try CustomerWebhookReading(json))
            case .wabaWebhook: self = .wabaWebhook(try WABAWebhookReading(json))
            }
        } catch {
            throw error.failure
        }
        try call?.check()
    }
}

/// An answer that is not what the API documents; the message names the member, never a value.
package struct ShapeFlaw: Error {
    let message: String

    package var failure: Failure { Failure(.protocolError, "the answer is not what the API documents: \(message)") }
}

package struct MultiWebhookReading: Sendable {
    package var enabled: Bool?
    package var destinations: [DestinationReading]?

    package init() {}

    init(_ json: JSON) throws(ShapeFlaw) {
        enabled = try json.present("enabled", .boolean)?.boolean
        guard let shown = try json.present("destinations", .array)?.elements else { return }
        var destinations: [DestinationReading] = []
        destinations.reserveCapacity(shown.count)
        for element in shown where element.kind != .null { destinations.append(try DestinationReading(element)) }
        self.destinations = destinations
    }

    /// If `enabled` is left out, multi-webhook is on if there are destinations.
    package var isOn: Bool { enabled ?? !(destinations ?? []).isEmpty }

    package func destination(named name: ExactString) -> DestinationReading? { destinations?.first { $0.name == name } }
}

package struct DestinationReading: Sendable {
    package var name: ExactString?
    package var url: ExactString?
    package var headers: Headers?

    package init(_ json: JSON) throws(ShapeFlaw) {
        try json.expect(.object, "a destination")
        name = try json.exactString("name")
        url = try json.exactString("url")
        headers = try json.headers()
    }
}

package struct CustomerWebhookReading: Sendable {
    package var url: ExactString?
    /// The specification does not show them; some services do.
    package var headers: Headers?

    package init() {}

    init(_ json: JSON) throws(ShapeFlaw) {
        url = try json.exactString("url")
        headers = try json.headers()
    }
}

package struct WABAWebhookReading: Sendable {
    package var url: ExactString?
    package var headers: Headers?
    package var wabaID: Int64?
    package var numbers: [String]?

    package init() {}

    init(_ json: JSON) throws(ShapeFlaw) {
        url = try json.exactString("url")
        headers = try json.headers()
        wabaID = try json.present("waba_id", .integer)?.integer
        guard let shown = try json.present("numbers_on_this_waba", .array)?.elements else { return }
        var numbers: [String] = []
        numbers.reserveCapacity(shown.count)
        for element in shown where element.kind != .null {
            guard let number = element.string else {
                throw ShapeFlaw(message: "numbers_on_this_waba has an element that is not a string")
            }
            numbers.append(number)
        }
        self.numbers = numbers
    }
}

extension JSON {
    /// Throws if this is not the answer to a write: `{"message"}` or `{"url"}`, each optional.
    package func checkWriteAnswer() throws(Failure) {
        do throws(ShapeFlaw) {
            try expect(.object, "the answer")
            _ = try present("message", .string)
            _ = try present("url", .string)
        } catch {
            throw error.failure
        }
    }

    fileprivate func expect(_ kind: Kind, _ subject: @autoclosure () -> String) throws(ShapeFlaw) {
        if self.kind != kind { throw ShapeFlaw(message: "\(subject()) must be \(kind.withArticle)") }
    }

    /// A member; nil if it is absent or null.
    fileprivate func present(_ name: StaticString, _ kind: Kind) throws(ShapeFlaw) -> JSON? {
        guard let value = self[name], value.kind != .null else { return nil }
        try value.expect(kind, "\(name)")
        return value
    }

    fileprivate func exactString(_ name: StaticString) throws(ShapeFlaw) -> ExactString? {
        try present(name, .string)?.string.map { ExactString($0) }
    }

    fileprivate func headers() throws(ShapeFlaw) -> Headers? {
        guard let shown = try present("headers", .object) else { return nil }
        var headers = Headers()
        for (name, value) in shown.members where value.kind != .null {
            guard let text = value.string else { throw ShapeFlaw(message: "headers has a value that is not a string") }
            headers.fields.append(Headers.Field(name, ExactString(text)))
        }
        return headers
    }
}
