// libvips' optional codecs. By itself libvips loads all there are, and with ImageMagick, Poppler
// and OpenSlide a good part of its start and readers of formats that are refused here.

internal import CVips
internal import Glibc

enum VipsModules {
    /// HEIC and AVIF, and JPEG XL.
    private static let wanted = ["vips-heif", "vips-jxl"]

    /// Starts libvips by `start` with those modules alone. Where no folder of modules is found, or
    /// somebody has named another, libvips is left to itself.
    static func loaded(around start: () -> Int32) -> Int32 {
        // It looks for modules in a folder below this.
        guard let folder, getenv("VIPSHOME") == nil else { return start() }
        setenv("VIPSHOME", "/nonexistent", 1)
        let status = start()
        if status == 0 { for name in wanted { load("\(folder)/\(name).so") } }
        return status
    }

    /// Beside the library, by the name of its version, as libvips' own build installs them.
    private static var folder: String? {
        guard let library = mapped("/libvips.so"), let slash = library.lastIndex(of: "/") else {
            return nil
        }
        let folder = "\(library[..<slash])/vips-modules-\(vips_version(0)).\(vips_version(1))"
        return access(folder, R_OK) == 0 ? folder : nil
    }

    /// The first file of this process's memory with such a name in its path (proc(5), maps).
    private static func mapped(_ name: String) -> String? {
        guard let maps = fopen("/proc/self/maps", "re") else { return nil }
        defer { fclose(maps) }
        var line = [CChar](repeating: 0, count: 8192)
        while fgets(&line, Int32(line.count), maps) != nil {
            guard strstr(line, name) != nil, let path = strchr(line, Int32(UInt8(ascii: "/")))
            else { continue }
            return String(cString: path).split(separator: "\n").first.map(String.init)
        }
        return nil
    }

    /// One that is missing is a format that is missing, and shows as that.
    private static func load(_ path: String) {
        guard let module = dlopen(path, RTLD_LAZY),
            let symbol = dlsym(module, "g_module_check_init")
        else { return }
        // GModuleCheckInit: it registers the module's classes, and fails by saying why.
        typealias Begin = @convention(c) (OpaquePointer?) -> UnsafePointer<CChar>?
        _ = unsafeBitCast(symbol, to: Begin.self)(nil)
    }
}
