import CD360Webhook
import Glibc
import Support
import WebhookModel

@_cdecl("d360_status_name") @implementation
public func d360_status_name(_ status: d360_status) -> UnsafePointer<CChar>? {
    characters(of: Status(rawValue: status)?.name ?? "D360_UNKNOWN_STATUS")
}

@_cdecl("d360_version") @implementation
public func d360_version() -> UnsafePointer<CChar>? { characters(of: version) }

@_cdecl("d360_string_free") @implementation
public func d360_string_free(_ string: UnsafeMutablePointer<CChar>?) { free(string) }

/// A static string ends with NUL in the library's own data.
private func characters(of text: StaticString) -> UnsafePointer<CChar> {
    UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
}
