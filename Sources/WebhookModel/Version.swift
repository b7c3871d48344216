/// The one place where the version stands; the Makefile reads it here.
package let version: StaticString = "0.1.0"
