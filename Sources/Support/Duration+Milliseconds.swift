extension Duration {
    /// Whole milliseconds, as C interfaces and texts take them; the largest number where there are more.
    package var milliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isBeyond) = seconds.multipliedReportingOverflow(by: 1_000)
        return isBeyond ? .max : whole + attoseconds / 1_000_000_000_000_000
    }
}
