import Support
import WebhookModel

/// The way of a number's events: its main webhook, and the destinations that get copies.
struct Route {
    private let main: OperationKind.Setting?
    private let url: ExactString?
    private var destinations: [(name: ExactString, url: ExactString?)] = []

    /// The route as it was read.
    init(of snapshot: AccountSnapshot) {
        main = snapshot.customerURL != nil ? .customerWebhook : snapshot.waba != nil ? .wabaWebhook : nil
        url = snapshot.customerURL ?? snapshot.waba?.url
        if snapshot.multi?.isOn == true { add(shown: snapshot.multi) }
    }

    /// The route once the document is applied. `change` is that of its WABA, whichever account asks for it.
    init(wantedBy account: FleetAccount, _ snapshot: AccountSnapshot, _ change: WABAChangePlan?, frees: Bool) {
        let customer: ExactString?
        switch account.customer {
        case .webhook(let url, _): customer = url
        case .follows: customer = nil
        case .unmanaged: customer = change?.removesOwn == true ? nil : snapshot.customerURL
        }
        var waba = account.waba?.webhook.url ?? snapshot.waba?.url
        if case .wabaWebhookSet(let webhook, _) = change?.action.operation { waba = webhook.url }
        main = customer != nil ? .customerWebhook : waba != nil ? .wabaWebhook : nil
        url = customer ?? waba
        guard let section = account.multi else {
            if snapshot.multi?.isOn == true { add(shown: snapshot.multi) }
            return
        }
        guard section.enabled else { return }
        let given = Set(section.destinations.map { $0.name })
        if !section.prune { add(shown: snapshot.multi, except: given) }
        destinations += section.destinations.map { ($0.name, $0.webhook.url) }
    }

    private mutating func add(shown multi: MultiSnapshot?, except given: Set<ExactString> = []) {
        for one in multi?.destinations ?? [] {
            if let name = one.name, !given.contains(name) { destinations.append((name, one.url)) }
        }
    }

    func write(to writer: inout JSONWriter) {
        writer.member("main", main?.rawValue)
        writer.member("url", url: url)
        writer.array("destinations") { writer in
            for (name, url) in destinations {
                writer.object { writer in
                    writer.member("name", name.string)
                    writer.member("url", url: url)
                }
            }
        }
    }
}
