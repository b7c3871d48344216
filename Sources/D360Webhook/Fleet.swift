import CD360Webhook
import Fleet
import WebhookModel

/// Tells of one account that is done; nonzero cancels the call.
public typealias ProgressFunction = @convention(c) (UnsafePointer<CChar>?, UnsafeMutableRawPointer?) -> Int32

@_cdecl("d360_fleet_plan") @implementation
public func d360_fleet_plan(
    _ client: OpaquePointer?, _ fleet_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ report_json: TextOut?
) -> d360_status {
    run("fleet_plan", client, ("fleet_json", fleet_json), options_json, progress, context, report_json, FleetCall.plan)
}

@_cdecl("d360_fleet_apply") @implementation
public func d360_fleet_apply(
    _ client: OpaquePointer?, _ fleet_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ report_json: TextOut?
) -> d360_status {
    run("fleet_apply", client, ("fleet_json", fleet_json), options_json, progress, context, report_json, FleetCall.apply)
}

@_cdecl("d360_fleet_audit") @implementation
public func d360_fleet_audit(
    _ client: OpaquePointer?, _ fleet_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ report_json: TextOut?
) -> d360_status {
    run("fleet_audit", client, ("fleet_json", fleet_json), options_json, progress, context, report_json, FleetCall.audit)
}

@_cdecl("d360_fleet_export") @implementation
public func d360_fleet_export(
    _ client: OpaquePointer?, _ keys_json: UnsafePointer<CChar>?, _ options_json: UnsafePointer<CChar>?,
    _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?, _ export_json: TextOut?
) -> d360_status {
    run("fleet_export", client, ("keys_json", keys_json), options_json, progress, context, export_json, FleetCall.export)
}

/// One of the four, from its pointers to its report.
private func run(
    _ name: StaticString, _ client: OpaquePointer?, _ document: (StaticString, UnsafePointer<CChar>?),
    _ options_json: UnsafePointer<CChar>?, _ progress: ProgressFunction?, _ context: UnsafeMutableRawPointer?,
    _ report: TextOut?, _ work: (String, String?, FleetCall.Context) throws(Failure) -> Told
) -> d360_status {
    answer(into: report) { () throws(Failure) -> Told in
        let session = ClientSession.of(try required(client, "client"))
        let fleet = try text(try required(document.1, document.0), document.0, else: .malformedJSON)
        let options = try options(options_json)
        return try session.call { call throws(Failure) in
            try logged(name, call) { () throws(Failure) in
                try work(
                    fleet, options,
                    FleetCall.Context(session.service.webhooks, call, progress: progress.map { told($0, context) }))
            }
        }
    }
}

private func told(_ progress: @escaping ProgressFunction, _ context: UnsafeMutableRawPointer?) -> FleetCall.Progress {
    { event in event.withCString { progress($0, context) } != 0 }
}
