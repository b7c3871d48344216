/// The version of the library; the Makefile reads it here.
package let version: StaticString = "0.2.0"
