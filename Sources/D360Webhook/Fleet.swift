import CD360Webhook
import Fleet
import Support
import WebhookModel

/// Reports one account once its result is final; nonzero cancels the call.
public typealias ProgressFunction = @convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Int32

@_cdecl("d360_fleet_plan") @implementation
public func d360_fleet_plan(
    _ client: OpaquePointer?, _ fleet_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ report_json: TextOut?
) -> d360_status {
    fleetCall("fleet_plan", client, ("fleet_json", fleet_json), options_json, progress, context, report_json, .plan)
}

@_cdecl("d360_fleet_apply") @implementation
public func d360_fleet_apply(
    _ client: OpaquePointer?, _ fleet_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ report_json: TextOut?
) -> d360_status {
    fleetCall("fleet_apply", client, ("fleet_json", fleet_json), options_json, progress, context, report_json, .apply)
}

@_cdecl("d360_fleet_audit") @implementation
public func d360_fleet_audit(
    _ client: OpaquePointer?, _ fleet_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ report_json: TextOut?
) -> d360_status {
    fleetCall("fleet_audit", client, ("fleet_json", fleet_json), options_json, progress, context, report_json, .audit)
}

@_cdecl("d360_fleet_export") @implementation
public func d360_fleet_export(
    _ client: OpaquePointer?, _ keys_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ export_json: TextOut?
) -> d360_status {
    fleetCall("fleet_export", client, ("keys_json", keys_json), options_json, progress, context, export_json, .export)
}

/// One of the four, from its pointers to its report.
private func fleetCall(
    _ name: String, _ client: OpaquePointer?, _ document: (StaticString, UnsafePointer<CChar>?),
    _ options_json: UnsafePointer<CChar>?, _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?,
    _ report: TextOut?, _ purpose: Fleet.Purpose
) -> d360_status {
    call(name, client, into: report) { session, call throws(Failure) in
        let pointer = try nonNull(document.1, document.0)
        let fleet = try jsonText(pointer, document.0, named: "the document", limit: FleetDocument.maximumBytes, call)
        let options = try options(options_json, limit: FleetDocument.maximumBytes, call)
        return try Fleet.perform(
            purpose, consume fleet, options,
            Fleet.Context(session.service.webhooks, call, progress: progress.map { deliver($0, context) }))
    }
}

private func deliver(_ progress: @escaping ProgressFunction, _ context: UnsafeMutableRawPointer?) -> Fleet.Progress {
    { event in event.withCString { progress($0, context) } != 0 }
}
