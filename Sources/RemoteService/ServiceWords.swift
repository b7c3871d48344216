import HTTPTransport
import JSON
import Support

/// The words in the body of a response that is no success.
struct ServiceWords {
    /// The service's own words without secrets; of an HTML page its title. Empty if there are none.
    let text: String
    /// The body is a page of markup, so something other than the service answered.
    let isPage: Bool
    /// Our status, if the body names one that the daemon gives with this code.
    let status: Status?
    /// The member of the request that such a body blames.
    let path: String?
    /// The daemon does not know the outcome: its storage was lost amid the commit.
    let isInDoubt: Bool

    private static let maximumTitle = 300

    init(_ response: HTTPResponse, request: JSON?, secrets: Secrets) {
        let bytes = response.body ?? []  // too long: its code counts all the same
        isPage = Self.isPage(bytes, response.contentType)
        let isParsable = !isPage && ReplyMeaning.isParsable(bytes, limit: JSON.maximumBytes)
        guard isParsable, let json = try? JSON(parsing: bytes, limit: .max) else {
            text = isPage ? Redaction.redacted(Self.title(bytes), without: secrets, most: Self.maximumTitle) : ""
            status = nil
            path = nil
            isInDoubt = false
            return
        }
        var words: [String] = []
        Self.collect(json, &words, depth: 0)
        text = Redaction.redacted(words.joined(separator: "; "), without: secrets)
        status = json["status"]?.string.flatMap { Status(name: $0) }.flatMap { Self.daemonGives($0, response.status) ? $0 : nil }
        isInDoubt = json["outcome"]?.string == Failure.Outcome.unknown.rawValue
        path = status == nil ? nil : json["path"]?.string.flatMap { Self.repeatable($0, request, secrets) ? $0 : nil }
    }

    /// The members that hold words in the errors that users have met, in the order in which they are read.
    private static func collect(_ json: JSON, _ words: inout [String], depth: Int) {
        guard depth < 6 else { return }
        if let text = json.string {
            if !text.isEmpty && !words.contains(text) { words.append(text) }
            return
        }
        for element in json.elements { collect(element, &words, depth: depth + 1) }
        let before = words.count
        for member in [json["error"], json["message"], json["developer_message"], json["detail"], json["details"], json["msg"]] {
            if let member { collect(member, &words, depth: depth + 1) }
        }
        for member in [json["meta"], json["errors"], json["error_data"]] {
            if let member, member.kind != .string { collect(member, &words, depth: depth + 1) }
        }
        if words.count == before, let title = json["title"] { collect(title, &words, depth: depth + 1) }
    }

    /// A member of the request is named as the service names it. Any other JSON Pointer must repeat no secret.
    private static func repeatable(_ path: String, _ request: JSON?, _ secrets: Secrets) -> Bool {
        if request?.holds(path) == true { return true }
        return path.utf8.first == UInt8(ascii: "/") && Redaction.redacted(path, without: secrets) == path
    }

    private static func isPage(_ body: [UInt8], _ contentType: String?) -> Bool {
        let first = body.first { $0 > 0x20 && !("\u{FEFF}".utf8.contains($0)) }
        if first == UInt8(ascii: "<") { return true }
        let type = contentType?.asciiLowercased ?? ""
        let isHTML = type.utf8.starts(with: "text/html".utf8) || type.utf8.starts(with: "application/xhtml".utf8)
        return isHTML && first != UInt8(ascii: "{") && first != UInt8(ascii: "[")
    }

    /// The text between <title> and the next tag.
    private static func title(_ page: [UInt8]) -> String {
        let page = page.prefix(65_536)
        let tag = Array("<title".utf8)
        guard let start = page.indices.first(where: { page[$0...].prefix(tag.count).map(asciiLowercase) == tag }),
            let open = page[start...].firstIndex(of: UInt8(ascii: ">"))
        else { return "" }
        let title = page[(open + 1)...].prefix { $0 != UInt8(ascii: "<") }
        return title.split(whereSeparator: { $0 <= 0x20 }).map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    private static func daemonGives(_ status: Status, _ code: Int) -> Bool {
        switch status {
        case .unauthorized: code == 401
        case .notFound: code == 404
        case .conflict, .notEnabled: code == 409
        case .malformedJSON, .limitExceeded: code == 400
        case .invalidRequest: code == 400 || code == 405 || code == 413 || code == 415
        case .storageError: code == 503
        default: false
        }
    }
}
