import HTTPTransport
import Support
import WebhookModel

/// Asks each webhook of the selected accounts once whether it answers.
enum FleetProber {
    private struct User {
        let account: Int
        let path: String
    }

    /// The findings of each account with a webhook that did not answer with 200.
    static func probeAll(_ session: FleetSession) throws(Failure) -> [Int: [Finding]] {
        let transport = try HTTPTransport(session.service.remoteOptions, agent: nil)
        var users: [[User]] = []
        var probes: [Probe] = []
        var places: [Webhook: Int] = [:]
        for index in session.selected {
            try session.check()
            for (path, webhook) in session.account(index).webhooks {
                let place = places[webhook] ?? probes.count
                if place == probes.count {
                    places[webhook] = place
                    probes.append(
                        try Probe(webhook, secret: session.options.probeSecret, transport: transport))
                    users.append([])
                }
                users[place].append(User(account: index, path: path))
            }
        }
        let results = Locked<[Result<ProbeResult, Failure>?]>(Array(repeating: nil, count: probes.count))
        let targets = probes
        try session.perform(targets.count) { item in
            let result: Result<ProbeResult, Failure>
            do throws(Failure) { result = .success(try targets[item].send(session.call)) } catch { result = .failure(error) }
            results.withLock { $0[item] = result }
            return .done
        }
        var findings: [Int: [Finding]] = [:]
        for (place, result) in results.withLock({ $0 }).enumerated() {
            guard let result = try result?.get() else { continue }
            for user in users[place] {
                if let finding = FindingMessages.probeFailed(result, path: user.path) {
                    findings[user.account, default: []].append(finding)
                }
            }
        }
        return findings
    }
}
