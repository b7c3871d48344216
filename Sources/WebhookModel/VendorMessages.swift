/// A write answers with these texts of the vendor, if not with the caller's own words.
package enum VendorMessages {
    package static let operationStarted = #"{"message":"Operation started successfully"}"#
    package static let destinationDeleted = #"{"message":"Destination deleted successfully"}"#

    package static func webhookWillBeSet(wabaID: Int64) -> String {
        #"{"message":"Webhook will be set for waba_id: \#(wabaID)"}"#
    }
}
