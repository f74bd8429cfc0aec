// Where libvips reads and writes: descriptors the worker was given. A custom source needs neither
// open, nor dup, nor mmap, so the sandbox can deny them.

internal import CVips
internal import Glibc

/// The photograph, read by pread. An opened image goes on reading from it, and keeps it.
final class PhotoSource: GObjectReference {
    /// Reads the file from its start. The descriptor stays the caller's.
    init(descriptor: Int32, size: Int) {
        let reader = DescriptorReader(descriptor: descriptor, size: size)
        let source = cvips_source(
            { _, bytes, count, reader in
                guard let bytes, let reader else { return -1 }
                return Unmanaged<DescriptorReader>.fromOpaque(reader).takeUnretainedValue()
                    .read(into: bytes, count: Int(count))
            },
            { _, offset, origin, reader in
                guard let reader else { return -1 }
                return Unmanaged<DescriptorReader>.fromOpaque(reader).takeUnretainedValue()
                    .seek(to: Int(offset), from: origin)
            },
            { reader, _ in
                guard let reader else { return }
                Unmanaged<DescriptorReader>.fromOpaque(reader).release()
            }, Unmanaged.passRetained(reader).toOpaque())
        super.init(owning: UnsafeMutableRawPointer(source))
    }
}

private final class DescriptorReader {
    private let descriptor: Int32
    private let size: Int
    private var position = 0

    init(descriptor: Int32, size: Int) {
        self.descriptor = descriptor
        self.size = size
    }

    func read(into bytes: UnsafeMutableRawPointer, count: Int) -> Int {
        while true {
            let got = pread(descriptor, bytes, count, off_t(position))
            if got < 0 && errno == EINTR { continue }
            if got > 0 { position += got }
            return got
        }
    }

    /// Arguments and result as lseek(2) has them.
    func seek(to offset: Int, from origin: Int32) -> Int {
        let base =
            switch origin {
            case SEEK_SET: 0
            case SEEK_CUR: position
            case SEEK_END: size
            default: -1
            }
        let (target, overflow) = base.addingReportingOverflow(offset)
        guard base >= 0, !overflow, target >= 0 else { return -1 }
        position = target
        return target
    }
}

/// A rendition's file, written by pwrite.
final class OutputFile {
    private let descriptor: Int32
    private(set) var size = 0

    init(descriptor: Int32) {
        self.descriptor = descriptor
    }

    /// Appends all bytes; false when that fails.
    func append(_ bytes: UnsafeRawBufferPointer) -> Bool {
        var rest = bytes
        while let start = rest.baseAddress, rest.count > 0 {
            let written = pwrite(descriptor, start, rest.count, off_t(size))
            if written < 0 && errno == EINTR { continue }
            guard written > 0 else { return false }
            size += written
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(written))
        }
        return true
    }
}

/// An output file as libvips' encoders see it.
final class RenditionTarget: GObjectReference {
    init(_ file: OutputFile) {
        let target = cvips_target(
            { _, bytes, count, file in
                guard let bytes, let file else { return -1 }
                let output = Unmanaged<OutputFile>.fromOpaque(file).takeUnretainedValue()
                let whole = UnsafeRawBufferPointer(start: bytes, count: Int(count))
                return output.append(whole) ? count : -1
            },
            { file, _ in
                guard let file else { return }
                Unmanaged<OutputFile>.fromOpaque(file).release()
            }, Unmanaged.passRetained(file).toOpaque())
        super.init(owning: UnsafeMutableRawPointer(target))
    }
}
