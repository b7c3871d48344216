import Support
import WebhookModel

extension FleetCall {
    /// Asks each webhook of the document's accounts once whether it is there, and stops the accounts that use one that is not.
    func probeAll() throws(Failure) {
        var users: [[(row: Int, path: String)]] = []
        var probes: [Probe] = []
        var places: [Probed: Int] = [:]
        for index in chosen {
            for (path, webhook) in rows[index].account.webhooks {
                let place = places[Probed(webhook)] ?? probes.count
                if place == probes.count {
                    places[Probed(webhook)] = place
                    probes.append(try Probe(webhook, secret: options.probeSecret, policy: call.settings.urlPolicy))
                    users.append([])
                }
                users[place].append((index, path))
            }
        }
        let results = ProbeResults(probes.count)
        let asked = probes
        try run(asked.count) { [self] item in
            results.take(item, asked[item], call)
            return .done
        }
        if let failure = results.failure { throw failure }
        for (place, result) in results.all.enumerated() {
            guard let (what, actual) = result.map(Self.words) ?? nil else { continue }
            for user in users[place] { stop(rows[user.row], user.path, what, actual) }
        }
    }

    private func stop(_ row: Row, _ path: String, _ what: String, _ actual: Finding.Value) {
        let message = "the receiver did not take a probe with status 200 (\(what)): events sent there would be retried or lost"
        row.furtherFindings.append(
            Finding(.probeFailed, message, path: path, expected: .integer(200), actual: actual))
        guard purpose == .apply, row.ending == nil else { return }
        row.end(Failure(.conflict, message, path: path))
        count(row)
    }

    private static func words(_ result: ProbeResult) -> (String, Finding.Value)? {
        switch result {
        case .fine, .cancelled: nil
        case .status(let code): ("it answered \(code)", .integer(Int64(code)))
        case .failed(let words): (words, .text(words))
        }
    }
}

/// One URL with its headers.
private struct Probed: Hashable {
    let url: ExactString
    let headers: [Headers.Field]

    init(_ webhook: Webhook) {
        url = webhook.url
        headers = webhook.headers.sorted
    }
}

private final class ProbeResults: @unchecked Sendable {
    private let mutex = Mutex()
    private(set) var all: [ProbeResult?]
    private(set) var failure: Failure?

    init(_ count: Int) { all = Array(repeating: nil, count: count) }

    func take(_ item: Int, _ probe: Probe, _ call: Call) {
        do throws(Failure) {
            let result = try probe.run(call)
            mutex.locked { all[item] = result }
        } catch {
            mutex.locked { failure = failure ?? error }
        }
    }
}

extension FleetAccount {
    /// Each with the path of its URL, as findings name it.
    var webhooks: [(path: String, webhook: Webhook)] {
        var webhooks: [(path: String, webhook: Webhook)] = []
        if case .webhook(let webhook) = customer { webhooks.append((Change.customerURL, webhook)) }
        if let waba { webhooks.append((Change.wabaURL, waba.webhook)) }
        for one in multi?.destinations ?? [] { webhooks.append((Change.path(one.name, "url"), one.webhook)) }
        return webhooks
    }
}
