// The sandbox, entered once everything is loaded, and what trying it out has shown.

internal import CSandbox
internal import WorkerLink

enum Sandbox {
    /// Room for libvips' and the encoders' mappings, and too little for a decompression bomb.
    private static let addressSpace: UInt64 = 2 << 30

    private static let probes: [(name: String, bit: Int)] = [
        ("open", CSANDBOX_OPENS), ("stat", CSANDBOX_FINDS), ("create", CSANDBOX_CREATES),
        ("socket", CSANDBOX_CONNECTS),
        ("fork", CSANDBOX_FORKS), ("execve", CSANDBOX_EXECUTES), ("kill", CSANDBOX_SIGNALS),
    ]

    /// Closes the process in, for good, and tries every wall.
    static func enter(link: Int32) -> WorkerHello.Sandbox {
        let walls = Int(csandbox_enter(link, addressSpace))
        let worked = Int(csandbox_probe())
        return WorkerHello.Sandbox(
            landlock: walls > 0 && walls & CSANDBOX_LANDLOCK != 0,
            seccomp: walls > 0 && walls & CSANDBOX_SECCOMP != 0,
            allowed: probes.filter { worked & $0.bit != 0 }.map(\.name),
            denied: probes.filter { worked & $0.bit == 0 }.map(\.name))
    }
}
