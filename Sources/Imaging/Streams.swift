// Where libvips reads and writes: descriptors the worker was given. A custom source needs neither
// open, nor dup, nor mmap, so the sandbox can deny them.

internal import CVips
internal import Glibc

/// The photograph, read by pread. An opened image goes on reading from it, and keeps it.
final class PhotoSource: GObjectReference {
    /// Reads the file from its start, as if it were without what is `hidden`, and with `more` at its
    /// end.
    init(_ file: InputFile, hiding hidden: [Range<Int>] = [], adding more: [UInt8] = []) {
        let reader = FileReader(file, hiding: hidden, adding: more)
        let source = cvips_source(
            { _, bytes, count, reader in
                guard let bytes, let reader else { return -1 }
                return Unmanaged<FileReader>.fromOpaque(reader).takeUnretainedValue()
                    .read(into: bytes, count: Int(count))
            },
            { _, offset, origin, reader in
                guard let reader else { return -1 }
                return Unmanaged<FileReader>.fromOpaque(reader).takeUnretainedValue()
                    .seek(to: Int(offset), from: origin)
            },
            { reader, _ in
                guard let reader else { return }
                Unmanaged<FileReader>.fromOpaque(reader).release()
            }, Unmanaged.passRetained(reader).toOpaque())
        super.init(owning: UnsafeMutableRawPointer(source))
    }
}

private final class FileReader {
    private let file: InputFile
    /// What is shown of the file, in order, and where each part begins as the decoder counts.
    private let shown: [(part: Range<Int>, start: Int)]
    private let more: [UInt8]
    /// Of all parts.
    private let size: Int
    private var position = 0

    init(_ file: InputFile, hiding hidden: [Range<Int>], adding more: [UInt8]) {
        self.file = file
        self.more = more
        let ends = hidden.map(\.lowerBound) + [file.size]
        let starts = [0] + hidden.map(\.upperBound)
        var shown: [(Range<Int>, Int)] = []
        var size = 0
        for (start, end) in zip(starts, ends) where start < end {
            shown.append((start..<end, size))
            size += end - start
        }
        self.shown = shown
        self.size = size
    }

    func read(into bytes: UnsafeMutableRawPointer, count: Int) -> Int {
        if position >= size { return readMore(into: bytes, count: count) }
        guard let (part, start) = shownPart else { return 0 }
        let place = part.lowerBound + (position - start)
        guard place < part.upperBound else { return 0 }
        let buffer = UnsafeMutableRawBufferPointer(
            start: bytes, count: min(count, part.upperBound - place))
        let got = file.read(at: place, into: buffer)
        if got > 0 { position += got }
        return got
    }

    private func readMore(into bytes: UnsafeMutableRawPointer, count: Int) -> Int {
        let rest = more.dropFirst(position - size).prefix(count)
        UnsafeMutableRawBufferPointer(start: bytes, count: rest.count).copyBytes(from: rest)
        position += rest.count
        return rest.count
    }

    /// The part that the position lies in, or the last one: a file can be cut into thousands.
    private var shownPart: (part: Range<Int>, start: Int)? {
        var (low, high) = (0, shown.count)
        while low < high {
            let middle = (low + high) / 2
            if shown[middle].start <= position { low = middle + 1 } else { high = middle }
        }
        return low > 0 ? shown[low - 1] : nil
    }

    /// Arguments and result as lseek(2) has them.
    func seek(to offset: Int, from origin: Int32) -> Int {
        let base =
            switch origin {
            case SEEK_SET: 0
            case SEEK_CUR: position
            case SEEK_END: size + more.count
            default: -1
            }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard base >= 0, !overflow, target >= 0 else { return -1 }
        position = target
        return target
    }
}

/// Where an encoder's bytes go.
class ByteSink {
    /// Appends all bytes; false when that fails.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool { false }
}

/// Bytes that are not ready for their file yet.
final class ByteBuffer: ByteSink {
    private(set) var bytes: [UInt8] = []

    override func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        self.bytes += bytes
        return true
    }
}

/// The file of a job's renditions, written by pwrite.
final class OutputFile: ByteSink {
    fileprivate let descriptor: Int32
    private(set) var size = 0
    /// Whether it may not grow as far as somebody wanted.
    private(set) var isFull = false

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    override func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            let written = pwrite(descriptor, start, rest.count, off_t(size))
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else {
                isFull = written < 0 && errno == EFBIG
                return false
            }
            size += written
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
        return true
    }
}

extension OutputFile {
    /// Appends a part of itself once more; false when that fails.
    func repeats(_ part: Range<Int>) -> Bool {
        var piece = [UInt8](repeating: 0, count: min(part.count, 65_536))
        var offset = part.lowerBound
        while offset < part.upperBound {
            let wanted = min(piece.count, part.upperBound - offset)
            let got = pread(descriptor, &piece, wanted, off_t(offset))
            if got < 0 && errno == EINTR { continue }
            guard got > 0, piece[..<got].withUnsafeBytes({ append($0) }) else { return false }
            offset += got
        }
        return true
    }
}

/// A sink as libvips' encoders see it.
final class RenditionTarget: GObjectReference {
    init(_ sink: ByteSink) {
        let target = cvips_target(
            { _, bytes, count, sink in
                guard let bytes, let sink else { return -1 }
                let output = Unmanaged<ByteSink>.fromOpaque(sink).takeUnretainedValue()
                let whole = UnsafeRawBufferPointer(start: bytes, count: Int(count))
                return output.append(whole) ? count : -1
            },
            { sink, _ in
                guard let sink else { return }
                Unmanaged<ByteSink>.fromOpaque(sink).release()
            }, Unmanaged.passRetained(sink).toOpaque())
        super.init(owning: UnsafeMutableRawPointer(target))
    }
}
