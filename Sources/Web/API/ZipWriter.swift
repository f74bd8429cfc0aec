// A ZIP archive written as a stream (PKWARE APPNOTE 6.3.10): stored entries, for pictures do not get
// smaller, each followed by its checksum, and the directory at the end. Nothing is held but the
// directory. Zip64 throughout, so that neither a large file nor many of them is a special case.

import NIOCore

struct ZipWriter {
    private struct Entry {
        let name: String
        let offset: UInt64
        var size: UInt64 = 0
        var checksum: UInt32 = 0
    }

    /// Bit 3: size and checksum follow the content; bit 11: names are UTF-8.
    private static let flags: UInt16 = 1 << 3 | 1 << 11
    /// 4.5: Zip64.
    private static let version: UInt16 = 45
    /// 1 January 1980: an archive of the same pictures has the same bytes.
    private static let date: UInt32 = 0x0021_0000
    private static let inZip64: UInt32 = 0xFFFF_FFFF

    private var entries: [Entry] = []
    private var offset: UInt64 = 0

    /// The beginning of an entry (4.3.7). Its content follows by `content`.
    mutating func begin(_ name: String) -> ByteBuffer {
        entries.append(Entry(name: name, offset: offset))
        var header = ByteBuffer()
        header.writeLittle(0x0403_4B50 as UInt32)
        writeCommon(to: &header, checksum: 0, size: Self.inZip64, name: name, extraLength: 20)
        header.writeString(name)
        header.writeZip64([0, 0])
        return counted(header)
    }

    /// Counts a piece of the entry's content, which is written as it is.
    mutating func content(_ piece: ByteBuffer) -> ByteBuffer {
        guard let last = entries.indices.last else { return piece }
        entries[last].size += UInt64(piece.readableBytes)
        entries[last].checksum = crc32(piece.readableBytesView, after: entries[last].checksum)
        return counted(piece)
    }

    /// The end of an entry: a data descriptor (4.3.9).
    mutating func end() -> ByteBuffer {
        var descriptor = ByteBuffer()
        guard let entry = entries.last else { return descriptor }
        descriptor.writeLittle(0x0807_4B50 as UInt32)
        descriptor.writeLittle(entry.checksum)
        descriptor.writeLittle(entry.size)
        descriptor.writeLittle(entry.size)
        return counted(descriptor)
    }

    /// The directory and the end of the archive (4.3.12 to 4.3.16).
    mutating func finish() -> ByteBuffer {
        let start = offset
        var directory = ByteBuffer()
        for entry in entries { writeDirectory(entry, to: &directory) }
        let size = UInt64(directory.readableBytes)
        let count = UInt64(entries.count)

        directory.writeLittle(0x0606_4B50 as UInt32)
        directory.writeLittle(44 as UInt64)
        directory.writeLittle(Self.version)
        directory.writeLittle(Self.version)
        directory.writeLittle(0 as UInt64)  // this disk, the directory's disk
        for value in [count, count, size, start] { directory.writeLittle(value) }

        directory.writeLittle(0x0706_4B50 as UInt32)
        directory.writeLittle(0 as UInt32)
        directory.writeLittle(start + size)
        directory.writeLittle(1 as UInt32)

        directory.writeLittle(0x0605_4B50 as UInt32)
        directory.writeLittle(0 as UInt32)
        directory.writeLittle(Self.inZip64)  // both counts of entries
        directory.writeLittle(Self.inZip64)
        directory.writeLittle(Self.inZip64)
        directory.writeLittle(0 as UInt16)
        return counted(directory)
    }

    private func writeDirectory(_ entry: Entry, to buffer: inout ByteBuffer) {
        buffer.writeLittle(0x0201_4B50 as UInt32)
        buffer.writeLittle(Self.version | 3 << 8)  // made on a Unix
        writeCommon(
            to: &buffer, checksum: entry.checksum, size: Self.inZip64, name: entry.name,
            extraLength: 28)
        buffer.writeLittle(0 as UInt16)  // comment
        buffer.writeLittle(0 as UInt16)  // disk
        buffer.writeLittle(0 as UInt16)  // internal attributes
        buffer.writeLittle(0o100644 << 16 as UInt32)  // a file that all may read
        buffer.writeLittle(Self.inZip64)
        buffer.writeString(entry.name)
        buffer.writeZip64([entry.size, entry.size, entry.offset])
    }

    /// The fields that a local header and a directory entry share.
    private func writeCommon(
        to buffer: inout ByteBuffer, checksum: UInt32, size: UInt32, name: String,
        extraLength: UInt16
    ) {
        buffer.writeLittle(Self.version)
        buffer.writeLittle(Self.flags)
        buffer.writeLittle(0 as UInt16)  // stored
        buffer.writeLittle(Self.date)
        buffer.writeLittle(checksum)
        buffer.writeLittle(size)
        buffer.writeLittle(size)
        buffer.writeLittle(UInt16(truncatingIfNeeded: name.utf8.count))
        buffer.writeLittle(extraLength)
    }

    private mutating func counted(_ buffer: ByteBuffer) -> ByteBuffer {
        offset += UInt64(buffer.readableBytes)
        return buffer
    }
}

extension ByteBuffer {
    fileprivate mutating func writeLittle(_ value: some FixedWidthInteger) {
        writeInteger(value, endianness: .little)
    }

    /// The Zip64 extra field (4.5.3).
    fileprivate mutating func writeZip64(_ values: [UInt64]) {
        writeLittle(1 as UInt16)
        writeLittle(UInt16(values.count * 8))
        for value in values { writeLittle(value) }
    }
}

/// CRC-32 as ZIP has it (ISO 3309, reflected, polynomial EDB88320), continued from `checksum`.
private func crc32(_ bytes: ByteBufferView, after checksum: UInt32) -> UInt32 {
    bytes.withUnsafeBytes { bytes in
        ~bytes.reduce(~checksum) { crcTable[Int(($0 ^ UInt32($1)) & 0xFF)] ^ ($0 >> 8) }
    }
}

private let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in
        value & 1 == 1 ? 0xEDB8_8320 ^ (value >> 1) : value >> 1
    }
}
