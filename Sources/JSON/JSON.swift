import CJansson
import Glibc
import Support

/// A JSON value of jansson, somewhere in a tree. Used by one call on one thread.
package struct JSON {
    package enum Kind {
        case object, array, string, integer, real, boolean, null

        /// The kind as messages name it.
        package var withArticle: String {
            switch self {
            case .object: "an object"
            case .array: "an array"
            case .string: "a string"
            case .integer: "an integer"
            case .real: "a number"
            case .boolean: "true or false"
            case .null: "null"
            }
        }
    }

    /// Keeps the tree that the value is in; released with the last value of it.
    private final class Tree {
        let root: UnsafeMutablePointer<json_t>

        init(_ root: UnsafeMutablePointer<json_t>) { self.root = root }

        deinit { json_decref(root) }
    }

    private let tree: Tree
    let value: UnsafeMutablePointer<json_t>

    /// Takes over a new reference; NULL is what jansson returns when memory is short.
    init(owning value: UnsafeMutablePointer<json_t>?) throws(Failure) {
        guard let value else { throw .outOfMemory }
        self.value = value
        tree = Tree(value)
    }

    private init(_ value: UnsafeMutablePointer<json_t>, in tree: Tree) {
        self.value = value
        self.tree = tree
    }

    package var kind: Kind {
        switch value.pointee.type {
        case JSON_OBJECT: .object
        case JSON_ARRAY: .array
        case JSON_STRING: .string
        case JSON_INTEGER: .integer
        case JSON_REAL: .real
        case JSON_TRUE, JSON_FALSE: .boolean
        default: .null
        }
    }

    package var string: String? {
        guard let bytes = json_string_value(value) else { return nil }
        let count = json_string_length(value)
        return bytes.withMemoryRebound(to: UInt8.self, capacity: count) {
            String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
        }
    }

    package var integer: Int64? { kind == .integer ? Int64(json_integer_value(value)) : nil }

    package var boolean: Bool? { kind == .boolean ? value.pointee.type == JSON_TRUE : nil }

    /// In the order of the document; empty for what is no array.
    package var elements: [JSON] {
        let count = json_array_size(value)
        var elements: [JSON] = []
        elements.reserveCapacity(count)
        for index in 0..<count {
            if let element = json_array_get(value, index) { elements.append(JSON(element, in: tree)) }
        }
        return elements
    }

    /// In the order of the document; empty for what is no object.
    package var members: [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = []
        var iterator = json_object_iter(value)
        while let position = iterator {
            if let name = json_object_iter_key(position), let member = json_object_iter_value(position) {
                members.append((String(cString: name), JSON(member, in: tree)))
            }
            iterator = json_object_iter_next(value, position)
        }
        return members
    }

    /// Nil where the array has none there.
    package func element(_ index: Int) -> JSON? {
        guard index >= 0, let element = json_array_get(value, index) else { return nil }
        return JSON(element, in: tree)
    }

    /// A member by a name that is written in the code.
    package subscript(name: StaticString) -> JSON? {
        json_object_get(value, UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)).map { JSON($0, in: tree) }
    }

    package func member(_ name: String) -> JSON? { json_object_get(value, name).map { JSON($0, in: tree) } }
}

extension JSON {
    package static func object(_ members: [(String, JSON)]) throws(Failure) -> JSON {
        let object = try JSON(owning: json_object())
        for (name, member) in members {
            guard json_object_set_new(object.value, name, json_incref(member.value)) == 0 else { throw .outOfMemory }
        }
        return object
    }

    package static func array(_ elements: [JSON]) throws(Failure) -> JSON {
        let array = try JSON(owning: json_array())
        for element in elements {
            guard json_array_append_new(array.value, json_incref(element.value)) == 0 else { throw .outOfMemory }
        }
        return array
    }

    package static func string(_ text: String) throws(Failure) -> JSON {
        var text = text
        let value = text.withUTF8 { bytes in
            bytes.withMemoryRebound(to: CChar.self) { json_stringn_nocheck($0.baseAddress ?? emptyText, $0.count) }
        }
        return try JSON(owning: value)
    }

    package static func integer(_ number: Int64) throws(Failure) -> JSON { try JSON(owning: json_integer(json_int_t(number))) }

    package static func boolean(_ truth: Bool) throws(Failure) -> JSON {
        try JSON(owning: truth ? json_true() : json_false())
    }

    package static func null() throws(Failure) -> JSON { try JSON(owning: json_null()) }

    /// Compact, members in the order they were put in.
    package func text() throws(Failure) -> String {
        let flags = Int(JSON_COMPACT | JSON_ENCODE_ANY)
        errno = 0
        guard let text = json_dumps(value, flags) else { throw .outOfMemory }
        defer { free(text) }
        // jansson 2.14 goes on without the bytes that a text buffer had no memory for.
        guard errno != ENOMEM else { throw .outOfMemory }
        return String(cString: text)
    }
}

/// jansson takes NULL for a missing string, not for an empty one.
private nonisolated(unsafe) let emptyText: UnsafePointer<CChar> = {
    let text = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    text.initialize(to: 0)
    return UnsafePointer(text)
}()
