@testable import Fleet
import JSON
import Support
import WebhookModel

/// A document's accounts, as its JSON gives them.
func accounts(_ text: String) throws(Failure) -> [FleetAccount] {
    try FleetDocument(text, RequestValidator(scope: .embedded, policy: .cloud)).accounts
}

/// One account with these sections.
func account(_ sections: String) throws(Failure) -> FleetAccount {
    let text = #"{"accounts":[{"name":"berlin","api_key":"key"\#(sections.isEmpty ? "" : ",")\#(sections)}]}"#
    guard let account = try accounts(text).first else { throw .fault("a document without accounts") }
    return account
}

/// JSON text of a destination.
func destination(_ name: String, _ place: String? = nil) -> String {
    #"{"name":"\#(name)","url":"https://\#(place ?? name).example.com/","headers":{}}"#
}

/// A number on a WABA, as a service shows it. `customer` and `waba` are hosts; the rest is JSON text.
func number(
    _ customer: String? = nil, headers: String = "null", waba: String? = nil, wabaHeaders: String = "{}", on id: Int64 = 1,
    numbers: String = #"["+49 30 1"]"#, multi: String? = nil
) throws -> AccountSnapshot {
    func url(_ host: String?) -> String { host.map { #""https://\#($0).example.com/""# } ?? "null" }
    let wabaText =
        #"{"url":\#(url(waba)),"headers":\#(wabaHeaders),"waba_id":\#(id),"numbers_on_this_waba":\#(numbers)}"#
    let customerText = #"{"url":\#(url(customer)),"headers":\#(headers)}"#
    var readings = AccountReadings()
    if case .wabaWebhook(let reading) = try SettingReading(text: wabaText, of: .wabaWebhook).reading {
        readings.waba = reading
        readings.numbers = try reading.numbers.map { try WABANumbers.of($0) }
    }
    if case .customerWebhook(let reading) = try SettingReading(text: customerText, of: .customerWebhook).reading {
        readings.customer = reading
    }
    if let multi, case .multiWebhook(let reading) = try SettingReading(text: multi, of: .multiWebhook).reading {
        readings.multi = reading
    }
    return AccountSnapshot(readings)
}

extension Action {
    /// As a line: what it does, and to which destinations.
    var line: String {
        switch operation {
        case .customerWebhookSet(let webhook): "customer \(webhook.url.string)"
        case .wabaWebhookSet(let webhook, _): "waba \(webhook.url.string)\(overrides.map { " over \($0)" } ?? "")"
        case .multiWebhookSet(true, let destinations): "enable \(destinations.map(\.name.string))"
        case .multiWebhookSet(false, _): "disable"
        case .multiWebhookAppend(let destinations): "append \(destinations.map(\.name.string))"
        case .multiWebhookUpdate(let change): "update \(change.name.string)"
        case .multiWebhookDelete(let name): "delete \(name.string)"
        case .multiWebhookGet, .customerWebhookGet, .wabaWebhookGet: "a reading"
        }
    }
}
