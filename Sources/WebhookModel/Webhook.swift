/// Where events go: a URL, and the headers to send along.
public struct Webhook: Sendable {
    public var url: ExactText
    public var headers: Headers

    public init(url: ExactText, headers: Headers = Headers()) {
        self.url = url
        self.headers = headers
    }
}

extension Judge {
    /// `{"url", "headers"?}`
    public func webhook(_ json: JSON) throws(Failure) -> Webhook {
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
