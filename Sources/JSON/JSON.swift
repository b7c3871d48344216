import CJansson
import Glibc
import Support

/// A value of a JSON text, or one that was built. Used by one call on one thread.
///
/// jansson parses and builds. A plain text needs no tree of jansson's: `PlainText` says where its values are.
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

    /// Keeps the tree that a value is in; released with the last value of it.
    fileprivate final class Tree {
        let root: UnsafeMutablePointer<json_t>

        init(_ root: UnsafeMutablePointer<json_t>) { self.root = root }

        deinit { json_decref(root) }
    }

    fileprivate enum Place {
        case tree(UnsafeMutablePointer<json_t>, in: Tree)
        case text(PlainText, node: Int)
    }

    private let place: Place

    /// Takes over a new reference; NULL is what jansson returns when memory is short.
    init(owning value: UnsafeMutablePointer<json_t>?) throws(Failure) {
        guard let value else { throw .outOfMemory }
        place = .tree(value, in: Tree(value))
    }

    init(_ text: PlainText) { place = .text(text, node: 0) }

    fileprivate init(_ place: Place) { self.place = place }

    package var kind: Kind {
        switch place {
        case .text(let text, let node): text[node].kind
        case .tree(let value, _):
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
    }

    package var string: String? {
        guard kind == .string else { return nil }
        switch place {
        case .text(let text, let node): return text.content(of: node)
        case .tree(let value, _):
            let count = json_string_length(value)
            return json_string_value(value)?.withMemoryRebound(to: UInt8.self, capacity: count) {
                String(decoding: UnsafeBufferPointer(start: $0, count: count), as: UTF8.self)
            }
        }
    }

    package var integer: Int64? {
        guard kind == .integer else { return nil }
        switch place {
        case .text(let text, let node): return Int64(text.content(of: node))
        case .tree(let value, _): return Int64(json_integer_value(value))
        }
    }

    package var boolean: Bool? {
        guard kind == .boolean else { return nil }
        switch place {
        case .text(let text, let node): return text.content(of: node) == "true"
        case .tree(let value, _): return value.pointee.type == JSON_TRUE
        }
    }

    /// In the order of the document; empty for what is no array.
    package var elements: [JSON] {
        var elements: [JSON] = []
        var walk = walkElements()
        while let element = walk.next() { elements.append(element) }
        return elements
    }

    /// In the order of the document; empty for what is no object.
    package var members: [(name: String, value: JSON)] {
        var members: [(name: String, value: JSON)] = []
        switch place {
        case .text(let text, let node):
            guard text[node].kind == .object else { break }
            var name = node + 1
            while name < text[node].next {
                members.append((text.content(of: name), JSON(.text(text, node: name + 1))))
                name = text[name + 1].next
            }
        case .tree(let value, let tree):
            var iterator = json_object_iter(value)
            while let position = iterator {
                if let name = json_object_iter_key(position), let member = json_object_iter_value(position) {
                    members.append((String(cString: name), JSON(.tree(member, in: tree))))
                }
                iterator = json_object_iter_next(value, position)
            }
        }
        return members
    }

    /// A member by a name that is written in the code.
    package subscript(name: StaticString) -> JSON? {
        switch place {
        case .text(let text, let node):
            let name = UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount)
            return text.member(of: node, named: name).map { JSON(.text(text, node: $0)) }
        case .tree(let value, let tree):
            let name = UnsafeRawPointer(name.utf8Start).assumingMemoryBound(to: CChar.self)
            return json_object_get(value, name).map { JSON(.tree($0, in: tree)) }
        }
    }

    package func member(_ name: String) -> JSON? {
        let name = ExactString(name)
        return members.first { ExactString($0.name) == name }?.value
    }

    /// Goes through the elements of an array without a list of them.
    package struct Walk {
        fileprivate let place: Place
        /// The next element's node, or its index in jansson's array.
        fileprivate var position: Int

        package mutating func next() -> JSON? {
            switch place {
            case .text(let text, let node):
                guard text[node].kind == .array, position < text[node].next else { return nil }
                defer { position = text[position].next }
                return JSON(.text(text, node: position))
            case .tree(let value, let tree):
                defer { position += 1 }
                return json_array_get(value, position).map { JSON(.tree($0, in: tree)) }
            }
        }
    }

    package func walkElements() -> Walk {
        switch place {
        case .text(_, let node): Walk(place: place, position: node + 1)
        case .tree: Walk(place: place, position: 0)
        }
    }

    /// A reference to the value in jansson's form, to be given back; NULL if memory is short.
    private func reference() -> UnsafeMutablePointer<json_t>? {
        switch place {
        case .text(let text, let node): text.withText(of: node, JSON.decode)
        case .tree(let value, _): json_incref(value)
        }
    }
}

extension JSON {
    package static func object(_ members: [(String, JSON)]) throws(Failure) -> JSON {
        let object = json_object()
        let result = try JSON(owning: object)
        for (name, member) in members {
            guard json_object_set_new(object, name, member.reference()) == 0 else { throw .outOfMemory }
        }
        return result
    }

    package static func array(_ elements: [JSON]) throws(Failure) -> JSON {
        let array = json_array()
        let result = try JSON(owning: array)
        for element in elements {
            guard json_array_append_new(array, element.reference()) == 0 else { throw .outOfMemory }
        }
        return result
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
        guard let value = reference() else { throw .outOfMemory }
        defer { json_decref(value) }
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
