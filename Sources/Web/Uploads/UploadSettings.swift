// The knobs of uploading that are no limit on what is sent.

package struct UploadSettings: Sendable {
    /// How long an unfinished upload is kept.
    package var lifetime: Duration = .seconds(24 * 3600)
    /// The same for one that never got a byte, unless it has a key: then its sender comes again.
    package var firstByte: Duration = .seconds(3600)
    /// After which its batch waits for such a one no more.
    package var idleAfter: Duration = .seconds(60)
    /// Bytes acknowledged at once, at most, and how long the first of them waits for that.
    package var commitBytes = 8 << 20
    package var commitInterval: Duration = .seconds(1)
    /// Memory that received and not yet written bytes may take, all uploads together.
    package var bufferBytes = 24 << 20
    /// Requests that may send bytes at the same time.
    package var concurrent = 512
    /// Uploads that may be begun from one address in a minute; 0 is any number.
    package var perMinute = 6_000
    /// A body that brings fewer than `minimumBytes` in `patience` is given up.
    package var patience: Duration = .seconds(30)
    package var minimumBytes = 4 << 10
    /// Bytes of the disk that uploads leave free.
    package var diskFloor = 512 << 20
    /// Parts in a form, at most.
    package var formParts = 10_000

    package init() {}
}
