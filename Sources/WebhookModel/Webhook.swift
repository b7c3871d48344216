import JSON
import Support

/// Events go to its URL, and the service sends its headers along.
package struct Webhook: Sendable, Hashable {
    package var url: ExactString
    package var headers: Headers

    package init(url: ExactString, headers: Headers = Headers()) {
        self.url = url
        self.headers = headers
    }

    /// `"url"`, and `"headers"` if there are any.
    package func members() throws(Failure) -> [(String, JSON)] {
        let url = ("url", try JSON.string(url.string))
        return headers.isEmpty ? [url] : [url, ("headers", try headers.json())]
    }
}

extension RequestValidator {
    /// `{"url", "headers"?}`
    package func webhook(_ json: JSON) throws(Failure) -> Webhook {
        var webhook = Webhook(url: "")
        try members(of: json, at: "", required: ["url"], optional: ["headers"]) { name, value, path throws(Failure) in
            if name == "url" {
                webhook.url = try url(value, at: path)
            } else {
                webhook.headers = try headers(value, at: path)
            }
        }
        return webhook
    }
}
