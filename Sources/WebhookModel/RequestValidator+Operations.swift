import JSON
import Support

extension RequestValidator {
    /// `{"enabled", "destinations"?}`
    package func multiWebhookSet(_ json: JSON) throws(Failure) -> Operation {
        var enabled = false
        var destinations: [Destination]?
        try members(of: json, at: "", required: ["enabled"], optional: ["destinations"]) { name, value, path throws(Failure) in
            if name == "enabled" {
                enabled = try boolean(value, at: path)
            } else {
                destinations = try self.destinations(value, at: path)
            }
        }
        if !enabled && destinations != nil {
            try reject(
                .ours, "disabling takes no destinations: they are kept, and come back when it is enabled", at: "/destinations")
        }
        return .multiWebhookSet(enabled: enabled, destinations: destinations ?? [])
    }

    /// `{"destinations"}`
    package func multiWebhookAppend(_ json: JSON) throws(Failure) -> Operation {
        var destinations: [Destination] = []
        try members(of: json, at: "", required: ["destinations"]) { _, value, path throws(Failure) in
            destinations = try self.destinations(value, at: path)
            if value.elements.isEmpty { try reject(.ours, "there is no destination to append", at: path) }
        }
        return .multiWebhookAppend(destinations)
    }

    /// `{"url", "headers"?, "override_all"?}`
    package func wabaWebhookSet(_ json: JSON) throws(Failure) -> Operation {
        var webhook = Webhook(url: "")
        var overrideAll = false
        try members(of: json, at: "", required: ["url"], optional: ["headers", "override_all"]) {
            name, value, path throws(Failure) in
            switch name {
            case "url": webhook.url = try url(value, at: path)
            case "headers": webhook.headers = try headers(value, at: path)
            default: overrideAll = try boolean(value, at: path)
            }
        }
        return .wabaWebhookSet(webhook, overrideAll: overrideAll)
    }
}
