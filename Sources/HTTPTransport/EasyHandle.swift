import CCurl
import Support

/// A libcurl easy handle with typed options; freed by its owner.
struct EasyHandle {
    let pointer: UnsafeMutableRawPointer

    func set(_ option: CURLoption, long value: Int) throws(Failure) { try check(d360_curl_set_long(pointer, option, value)) }

    func set(_ option: CURLoption, offset value: curl_off_t) throws(Failure) {
        try check(d360_curl_set_offset(pointer, option, value))
    }

    func set(_ option: CURLoption, pointer value: UnsafeMutableRawPointer?) throws(Failure) {
        try check(d360_curl_set_pointer(pointer, option, value))
    }

    /// libcurl copies the text.
    func set(_ option: CURLoption, text value: String?) throws(Failure) {
        guard let value else { return try check(d360_curl_set_text(pointer, option, nil)) }
        // The compiler's own conversion of a String to a pointer would copy it.
        try check(value.withCString { d360_curl_set_text(pointer, option, $0) })
    }

    func check(_ code: CURLcode) throws(Failure) {
        switch code {
        case CURLE_OK: return
        case CURLE_OUT_OF_MEMORY: throw .outOfMemory
        default: throw .fault("libcurl rejected an option: \(String(cString: curl_easy_strerror(code)))")
        }
    }
}

/// A request's header lines; freed with it.
final class HeaderList {
    private(set) var list: UnsafeMutablePointer<curl_slist>?

    func append(_ line: String) throws(Failure) {
        guard let longer = line.withCString({ curl_slist_append(list, $0) }) else { throw .outOfMemory }
        list = longer
    }

    deinit { curl_slist_free_all(list) }
}
