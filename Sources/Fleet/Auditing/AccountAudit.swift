import Support
import WebhookModel

/// Compares one number's configuration with its document.
struct AccountAudit {
    private(set) var findings: [Finding] = []

    /// `isFreed`: an account of its WABA asks for override_all, which takes the number's own webhook.
    init(
        of account: FleetAccount, _ snapshot: AccountSnapshot, isFreed: Bool, _ validator: RequestValidator
    ) throws(Failure) {
        findings = FindingMessages.violations(of: account.expectation, in: snapshot)
        if snapshot.losesEvents {
            let gives = if case .webhook = account.customer { true } else { account.waba != nil }
            findings.append(FindingMessages.noRoute(gives ? .apply : .edit))
        }
        try customer(account, snapshot, isFreed: isFreed)
        if let section = account.waba { try waba(section, snapshot) }
        if let section = account.multi { try multi(section, snapshot.multi ?? .off) }
        try policy(account, snapshot, validator)
        headerNames(account, snapshot)
    }

    private mutating func customer(_ account: FleetAccount, _ snapshot: AccountSnapshot, isFreed: Bool) throws(Failure) {
        switch account.customer {
        case .unmanaged: return
        case .follows:
            if let url = snapshot.customerURL { findings.append(FindingMessages.customerShadows(url, isFreed: isFreed)) }
        case .webhook(let url, let headers):
            if let shown = snapshot.customerURL {
                if try !shown.isSameURL(as: url) { findings.append(FindingMessages.customerDiffers(url, shown)) }
            } else {
                findings.append(FindingMessages.customerMissing(url, hasWABA: snapshot.waba != nil))
            }
            guard let headers else { return }
            if let shown = snapshot.customerHeaders {
                if shown != headers { findings.append(FindingMessages.customerHeadersDiffer(headers, shown)) }
            } else if !headers.isEmpty {
                findings.append(FindingMessages.headersUnverifiable(headers))
            }
        }
    }

    private mutating func waba(_ section: WABASection, _ snapshot: AccountSnapshot) throws(Failure) {
        let wanted = section.webhook
        let hasOwn = snapshot.customerURL != nil
        guard let shown = snapshot.waba else {
            findings.append(FindingMessages.wabaMissing(wanted.url, hasOwn: hasOwn))
            return
        }
        if try !shown.url.isSameURL(as: wanted.url) {
            findings.append(FindingMessages.wabaDiffers(wanted.url, shown.url, hasOwn: hasOwn))
        }
        if shown.headers != wanted.headers {
            findings.append(FindingMessages.wabaHeadersDiffer(wanted.headers, shown.headers, hasOwn: hasOwn))
        }
    }

    private mutating func multi(_ section: MultiSection, _ shown: MultiSnapshot) throws(Failure) {
        guard section.enabled else {
            if shown.isOn { findings.append(FindingMessages.multiEnabled) }
            return
        }
        if !shown.isOn { findings.append(FindingMessages.multiDisabled) }
        var found = 0
        for wanted in section.destinations {
            guard let current = shown.destination(named: wanted.name) else {
                findings.append(FindingMessages.destinationMissing(wanted))
                continue
            }
            found += 1
            if try current.url?.isSameURL(as: wanted.webhook.url) != true {
                findings.append(FindingMessages.destinationDiffers(wanted, current.url))
            }
            let headers = current.headers ?? Headers()
            if headers != wanted.webhook.headers { findings.append(FindingMessages.destinationHeadersDiffer(wanted, headers)) }
        }
        if found == shown.destinations.count { return }
        let given = Set(section.destinations.map { $0.name })
        for extra in shown.destinations {
            guard let name = extra.name, !given.contains(name) else { continue }
            findings.append(FindingMessages.destinationUnexpected(name, extra.url, prunes: section.prune))
        }
    }

    /// Checks the URLs that are set. The document's own were checked when it was decoded.
    private mutating func policy(
        _ account: FleetAccount, _ snapshot: AccountSnapshot, _ validator: RequestValidator
    ) throws(Failure) {
        if let url = snapshot.customerURL {
            let given: ExactString? = if case .webhook(let url, _) = account.customer { url } else { nil }
            try policy(url, at: Change.customerURL, instead: given, validator)
        }
        if let url = snapshot.waba?.url { try policy(url, at: Change.wabaURL, instead: account.waba?.webhook.url, validator) }
        guard let shown = snapshot.multi?.destinations, !shown.isEmpty else { return }
        let given = account.multi?.destinations ?? []
        // Most numbers show what their document gives, in its order.
        var urls: [ExactString: ExactString] = [:]
        for (index, one) in shown.enumerated() {
            guard let name = one.name, let url = one.url else { continue }
            if index < given.count && given[index].name == name && given[index].webhook.url == url { continue }
            if urls.isEmpty { for one in given { urls[one.name] = one.webhook.url } }
            try policy(url, at: Change.path(name, "url"), instead: urls[name], validator)
        }
    }

    /// `given` is the document's URL for this place: apply sets it.
    private mutating func policy(
        _ url: ExactString, at path: @autoclosure () -> String, instead given: ExactString?, _ validator: RequestValidator
    ) throws(Failure) {
        if url == given { return }
        do throws(Failure) { try validator.url(url.string, at: "") } catch {
            guard error.status == .invalidRequest else { throw error }
            findings.append(FindingMessages.urlPolicy(url, error.message, given == nil ? .edit : .apply, path: path()))
        }
    }

    /// Looks at the headers that the document gives, and at those that are set if it gives none.
    private mutating func headerNames(_ account: FleetAccount, _ snapshot: AccountSnapshot) {
        var customer = snapshot.customerHeaders
        if case .webhook(_, let headers) = account.customer { customer = headers ?? customer }
        headerNames(customer, Change.customerHeaders)
        headerNames(account.waba?.webhook.headers ?? snapshot.waba?.headers, Change.wabaHeaders)
        if let multi = account.multi {
            for one in multi.destinations { headerNames(one.webhook.headers, Change.path(one.name, "headers")) }
        } else {
            for one in snapshot.multi?.destinations ?? [] {
                if let name = one.name { headerNames(one.headers, Change.path(name, "headers")) }
            }
        }
    }

    private mutating func headerNames(_ headers: Headers?, _ path: @autoclosure () -> String) {
        let suspicious = (headers?.fields ?? []).filter { $0.name.utf8.contains(UInt8(ascii: "_")) }
        if !suspicious.isEmpty { findings.append(FindingMessages.headerName(Headers(suspicious), path: path())) }
    }
}
