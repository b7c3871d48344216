/// What a write answers where it is not the caller's own words: the vendor's texts.
package enum VendorMessages {
    package static let operationStarted = #"{"message":"Operation started successfully"}"#
    package static let destinationDeleted = #"{"message":"Destination deleted successfully"}"#

    package static func webhookWillBeSet(wabaID: Int64) -> String {
        #"{"message":"Webhook will be set for waba_id: \#(wabaID)"}"#
    }
}
